"""The dates of certificates, as TLS itself reads them."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.shared.certificates import _dates, certificates_in
from tests.shared.made_certificates import certificate

REAL = Path(__file__).parents[1] / "station" / "adapters" / "mqtt" / "certificates"


def test_a_real_certificate_has_the_dates_that_tls_reads() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(REAL / "ca.pem")
    (told,) = context.get_ca_certs()
    (read,) = certificates_in(REAL / "ca.pem")
    assert read.begins.timestamp() == ssl.cert_time_to_seconds(str(told["notBefore"]))
    assert read.ends.timestamp() == ssl.cert_time_to_seconds(str(told["notAfter"]))


@pytest.mark.parametrize("name", ["broker.pem", "kiosk.pem"])
def test_a_certificate_of_one_machine_is_read_too(name: str) -> None:
    (read,) = certificates_in(REAL / name)
    assert read.begins < read.ends


@pytest.mark.parametrize("with_version", [True, False])
@pytest.mark.parametrize("years", [(1999, 2049), (2026, 2055)])
def test_both_forms_of_a_time_are_read(tmp_path: Path, years: tuple[int, int], with_version: bool) -> None:  # noqa: FBT001
    begins, ends = (datetime(year, 2, 3, 4, 5, 6, tzinfo=UTC) for year in years)
    (read,) = certificates_in(certificate(tmp_path / "a.crt", begins, ends, with_version=with_version))
    assert (read.begins, read.ends) == (begins, ends)


def test_every_certificate_of_a_file_is_read(tmp_path: Path) -> None:
    for year in (2030, 2031):
        certificate(tmp_path / "chain.crt", datetime(2026, 1, 1, tzinfo=UTC), datetime(year, 1, 1, tzinfo=UTC))
    assert [each.ends.year for each in certificates_in(tmp_path / "chain.crt")] == [2030, 2031]


@pytest.mark.parametrize("text", ["", "a key", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_file_without_a_certificate_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.crt").write_text(text)
    with pytest.raises(ValueError, match=r"\w"):
        certificates_in(tmp_path / "a.crt")


@given(st.binary(max_size=60))
def test_bytes_that_are_no_certificate_are_refused_as_such(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _dates(data)
