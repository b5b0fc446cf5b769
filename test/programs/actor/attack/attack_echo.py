from rebeam import GenPy, receive


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message
