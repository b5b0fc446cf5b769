from rebeam import GenPy, Supervisor, receive, sleep

class Late(GenPy):
    name = "late"
    @receive("rest")
    def rest(self, message):
        sleep(message)

Supervisor([Late()])
