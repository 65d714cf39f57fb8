# echo.py [ADDRESS [PORT]]: echo in Python, a thread for each client, as it is shown in a talk. `make bench` compares it.
import socket
import sys
import threading


def serve(client):
    with client:
        while data := client.recv(4096):
            client.sendall(data)


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 5000))
listener.listen(socket.SOMAXCONN)
print("listening on %s:%d" % listener.getsockname(), flush=True)
while True:
    client, peer = listener.accept()
    print("connection from %s:%d" % peer, flush=True)
    threading.Thread(target=serve, args=(client,), daemon=True).start()
