"""What keeps a battery from being read though it is there, and says nothing about its health: it never ends in "put it aside".

It lies beside `errors`, which carry it, and not in `battery`, which raises them: imports go one way.
"""

from enum import StrEnum

from kiosk.domain.language import mark, tr


class ReadObstacle(StrEnum):
    """Why a battery in range gave no reading; the values are for logs and tests."""

    PAIRING = "pairing"
    MAYBE_PAIRING = "maybe_pairing"  # it refuses to send, and packs that want to be paired refuse like this
    LOCKED = "locked"  # it asks for a password
    UNLOCK_REFUSED = "unlock_refused"  # it was given one, and wants another
    OTHER_READER = "other_reader"  # another program on this computer has its notifications
    OTHER_KIND = "other_kind"  # its services are not those of its kind, also after the remembered ones were forgotten
    UNKNOWN_KIND = "unknown_kind"
    OLD_FIRMWARE = "old_firmware"
    NOT_UNDERSTOOD = "not_understood"  # bytes came, and no valid answer among them

    @property
    def phrase(self) -> str:
        """Why there is no reading, to follow "Reason: "."""
        return tr(_PHRASES[self])

    def headline(self, battery_id: str) -> str:
        """The same as a sentence without its full stop."""
        return tr(_HEADLINES[self], battery_id=battery_id or tr("The battery"))

    @property
    def why(self) -> str:
        """What it means."""
        return tr(_WHY[self])

    @property
    def steps(self) -> tuple[str, ...]:
        """What the attendant does about it, in order."""
        return tuple(tr(each) for each in _STEPS[self])


_PHRASES = {
    ReadObstacle.PAIRING: mark("it wants to be paired with this computer"),
    ReadObstacle.MAYBE_PAIRING: mark("it may want to be paired with this computer"),
    ReadObstacle.LOCKED: mark("it asks for a password"),
    ReadObstacle.UNLOCK_REFUSED: mark("it refuses the password that is kept for it"),
    ReadObstacle.OTHER_READER: mark("another program on this computer reads it"),
    ReadObstacle.OTHER_KIND: mark("it is not the kind of battery that it advertises"),
    ReadObstacle.UNKNOWN_KIND: mark("it is not a kind of battery known here"),
    ReadObstacle.OLD_FIRMWARE: mark("its firmware is too old to be read"),
    ReadObstacle.NOT_UNDERSTOOD: mark("its answers cannot be understood"),
}
_HEADLINES = {
    ReadObstacle.PAIRING: mark("{battery_id} wants to be paired with this computer"),
    ReadObstacle.MAYBE_PAIRING: mark("{battery_id} refuses to send its values"),
    ReadObstacle.LOCKED: mark("{battery_id} asks for a password"),
    ReadObstacle.UNLOCK_REFUSED: mark("{battery_id} refuses its password"),
    ReadObstacle.OTHER_READER: mark("{battery_id} is read by another program on this computer"),
    ReadObstacle.OTHER_KIND: mark("{battery_id} is not the kind of battery that it advertises"),
    ReadObstacle.UNKNOWN_KIND: mark("{battery_id} is not a kind of battery known here"),
    ReadObstacle.OLD_FIRMWARE: mark("The firmware of this battery is too old to be read"),
    ReadObstacle.NOT_UNDERSTOOD: mark("{battery_id} gave answers that cannot be understood"),
}
_WHY = {
    ReadObstacle.PAIRING: mark("It answers only a computer that it was paired with."),
    ReadObstacle.MAYBE_PAIRING: mark("It may want to be paired with this computer first."),
    ReadObstacle.LOCKED: mark("No password is kept for it here."),
    ReadObstacle.UNLOCK_REFUSED: mark("The password that is kept for it is not the right one."),
    ReadObstacle.OTHER_READER: mark("It gives its values to one program at a time."),
    ReadObstacle.OTHER_KIND: mark("It does not offer what batteries of its kind offer."),
    ReadObstacle.UNKNOWN_KIND: mark("Nothing that it offers can be read here."),
    ReadObstacle.OLD_FIRMWARE: mark("Such firmware does not tell how much the battery holds."),
    ReadObstacle.NOT_UNDERSTOOD: mark("They came damaged or not whole. Often the signal is weak or disturbed."),
}
_AGAIN, _ANOTHER = mark("Read it again."), mark("Choose another battery.")
_SAME_AGAIN = mark("The same again? Choose another battery, and tell the supervisor.")
_PAIR = mark("Call the supervisor: it has to be paired with this computer once.")
_PASSWORD = mark("Call the supervisor: its password is kept where the battery is bound.")
_STEPS = {
    ReadObstacle.PAIRING: (_PAIR, _AGAIN),
    ReadObstacle.MAYBE_PAIRING: (_AGAIN, mark("The same again? Call the supervisor: it may have to be paired with this computer.")),
    ReadObstacle.LOCKED: (_PASSWORD, _ANOTHER),
    ReadObstacle.UNLOCK_REFUSED: (_PASSWORD, _ANOTHER),
    ReadObstacle.OTHER_READER: (mark("Close the other program that reads batteries."), _AGAIN),
    ReadObstacle.OTHER_KIND: (_AGAIN, _SAME_AGAIN),
    ReadObstacle.UNKNOWN_KIND: (_AGAIN, _SAME_AGAIN),
    ReadObstacle.OLD_FIRMWARE: (_ANOTHER, mark("Tell the supervisor: newer firmware comes with the maker's app.")),
    ReadObstacle.NOT_UNDERSTOOD: (mark("Put it close to this computer and read it again."), _SAME_AGAIN),
}
