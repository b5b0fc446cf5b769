"""The star import brings the whole surface."""

from rebeam import *  # pyright: ignore[reportWildcardImportFromLibrary] # forbids it of any


class Echo(GenPy):
    @receive("echo")
    def echo(self, message: object) -> Response:
        return response_ok(message)


def main() -> Supervisor:
    return Supervisor([Echo()], ONE_FOR_ALL)
