"""What the work depends on, and what fails at times: here an actor, elsewhere another service."""

from rebeam import GenPy, Response, receive, response_error

OFFSETS = {"north": 0.5, "south": -0.25}


class Calibration(GenPy):
    name = "calibration"

    @receive("offset")
    def offset(self, message: str) -> float | Response:
        if message == "broken":
            raise RuntimeError("the sensor's line is dead")
        if message not in OFFSETS:
            return response_error(f"no sensor {message!r}")
        return OFFSETS[message]
