"""What call control refuses, each with what the person can do."""

from __future__ import annotations

from crm_core.errors import Invalid, NotFound, Refused


class NoCallOfYours(NotFound):
    def __init__(self) -> None:
        super().__init__("You have no call with a customer now.")


class NoSecondParty(Refused):
    def __init__(self) -> None:
        super().__init__("There is no second party in this call. Call one first.")


class NotAnswered(Refused):
    def __init__(self) -> None:
        super().__init__("The second party has not answered yet. Wait, or go back to the customer.")


class AskingAlready(Refused):
    def __init__(self) -> None:
        super().__init__("Somebody is being asked already. Go back to the customer first.")


class OnHold(Refused):
    def __init__(self) -> None:
        super().__init__("The customer is on hold. Take the customer off hold first.")


class UnknownTarget(Invalid):
    def __init__(self, target: str) -> None:
        super().__init__("The call cannot go to {target}: nobody is known by this name.", target=target)


class YourselfTarget(Invalid):
    def __init__(self) -> None:
        super().__init__("The call is with you already. Choose somebody else.")


class CustomerWaits(Refused):
    def __init__(self) -> None:
        super().__init__(
            "The customer is waiting for you in the music. Go back to the customer, or hand the call over."
        )


class NotDigits(Invalid):
    def __init__(self) -> None:
        super().__init__("Only 0 to 9, * and # can be sent.")
