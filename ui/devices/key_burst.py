"""Characters typed in a row as fast as a slow scanner types them: what an Enter after them means. Pure; moments are seconds of any clock.

`BarcodeScanner` holds back keys a few hundredths of a second apart and knows those for a scan. Slower scanners, up to GAP_SECONDS a
character, are as fast as a quick person: their characters are typed, and only the Enter that follows tells the two apart.
"""

GAP_SECONDS = 0.16
END_SECONDS = 0.5  # an Enter so soon after a scan is the end of it
QUIET_SECONDS = 1.0  # an Enter so soon after a scanner's key is nobody's decision; characters after so long a pause begin a code


class Burst:
    """The last characters that came within GAP_SECONDS of each other."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self.text = ""
        self._last, self._begins = float("-inf"), True
        self._scanner_at = float("-inf")

    def add(self, character: str, moment: float) -> None:
        """One more character."""
        pause = moment - self._last
        if pause <= GAP_SECONDS:
            self._scanner_at = moment
        else:
            self.text, self._begins = "", pause > QUIET_SECONDS
        if len(self.text) < self._most:
            self.text += character
        self._last = moment

    def clear(self) -> None:
        """An end or a command: what comes next begins anew."""
        self.text, self._last, self._begins = "", float("-inf"), True

    def end_scan(self, moment: float) -> None:
        """A scan has ended; its last key came at `moment`."""
        self.clear()
        self._scanner_at = moment

    def is_scan(self, moment: float) -> bool:
        """Whether an end now is the end of a scan. Nobody was typing before it: a person's last characters are not a code."""
        return len(self.text) >= self._least and self._begins and moment - self._last <= END_SECONDS

    def is_quiet(self, moment: float) -> bool:
        """Whether no scanner's key came lately."""
        return moment - self._scanner_at > QUIET_SECONDS
