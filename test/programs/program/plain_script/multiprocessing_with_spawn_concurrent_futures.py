import concurrent.futures
import multiprocessing
import os


def square(n):
    return n * n, os.getpid() != os.getppid()


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(4)))
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=queue.put, args=({"a": [1]},))
    process.start()
    print(queue.get(timeout=60))
    process.join()
    print(process.exitcode)
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        print(list(executor.map(square, [5])))
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        print(list(executor.map(abs, [-1, -2])))
