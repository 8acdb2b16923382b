"""A gRPC server that misbehaves by rule: gRPC's HTTP/2 cases on python3-h2, which shares no code
with minim. One case for each server; what it saw is there for the test to judge."""

import contextlib
import socket
import threading

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

RESPONSE_BYTES = 314159
PADDING = 255
SMALL_FRAME = 5


def varint(number):
    out = b""
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def large_answer():
    """SimpleResponse{payload{body: zeros}} with its gRPC prefix."""
    message = field(1, field(2, bytes(RESPONSE_BYTES)))
    return b"\0" + len(message).to_bytes(4, "big") + message


class Gone(Exception):
    """The client has closed the connection."""


class Connection:
    """One connection, served by one thread; streams are answered in the order in which their
    requests are complete."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.open, self.complete = set(), []
        self.pings_sent = self.pings_acked = 0

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.sock.sendall(data)

    def pump(self):
        """Reads once, and notes what came."""
        self.flush()
        data = self.sock.recv(1 << 16)
        if not data:
            raise Gone
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.open.add(event.stream_id)
                self.server.saw(requests=1)
                self.server.at_most(open=len(self.open))
            elif isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.complete.append(event.stream_id)
            elif isinstance(event, h2.events.PingAckReceived):
                self.pings_acked += 1
            elif isinstance(event, h2.events.ConnectionTerminated):
                if event.error_code:  # otherwise it is a goodbye
                    self.server.problems.append(f"GOAWAY {event.error_code} from the client")
        self.flush()

    def serve(self):
        self.h2.initiate_connection()
        if self.server.case == "max_streams":
            self.h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1})
        while True:
            while not self.complete:
                self.pump()
            stream = self.complete.pop(0)
            getattr(self, self.server.case)(stream)
            self.open.discard(stream)
            self.flush()

    # What cases are made of.

    def headers(self, stream):
        self.h2.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])

    def data(self, stream, content, frame_bytes=1 << 14, padding=None):
        """As flow control allows; padding and its length byte count too."""
        extra = 0 if padding is None else padding + 1
        for start in range(0, len(content), frame_bytes):
            piece = content[start:start + frame_bytes]
            while self.h2.local_flow_control_window(stream) < len(piece) + extra:
                self.pump()
            self.h2.send_data(stream, piece, pad_length=padding)
            self.server.saw(frames=1, padding=extra)
        self.flush()

    def trailers(self, stream):
        self.h2.send_headers(stream, [("grpc-status", "0")], end_stream=True)

    def ping_now(self):
        self.pings_sent += 1
        self.server.saw(pings=1)
        self.h2.ping(self.pings_sent.to_bytes(8, "big"))
        self.flush()

    # The cases.

    def goaway(self, stream):
        self.headers(stream)
        self.data(stream, large_answer())
        self.trailers(stream)
        self.h2.close_connection(last_stream_id=stream)
        self.flush()
        with contextlib.suppress(OSError):
            while self.sock.recv(1 << 16):  # the client is to leave
                pass
        raise Gone

    def rst_after_header(self, stream):
        self.headers(stream)
        self.h2.reset_stream(stream, error_code=0)

    def rst_during_data(self, stream):
        self.headers(stream)
        self.data(stream, large_answer()[:RESPONSE_BYTES // 2])
        self.h2.reset_stream(stream, error_code=0)

    def rst_after_data(self, stream):
        self.headers(stream)
        self.data(stream, large_answer())
        self.h2.reset_stream(stream, error_code=0)

    def ping(self, stream):
        self.ping_now()
        self.headers(stream)
        self.ping_now()
        self.data(stream, large_answer())
        self.ping_now()
        while self.pings_acked < self.pings_sent:
            self.pump()
        self.server.saw(pings_acked=self.pings_acked)
        self.trailers(stream)

    def max_streams(self, stream):
        self.headers(stream)
        self.data(stream, large_answer())
        self.trailers(stream)

    def data_frame_padding(self, stream):
        self.headers(stream)
        self.data(stream, large_answer(), SMALL_FRAME, PADDING)
        self.trailers(stream)

    def no_df_padding_sanity_test(self, stream):
        self.headers(stream)
        self.data(stream, large_answer(), SMALL_FRAME)
        self.trailers(stream)


class Server:
    """Listens on loopback until close()."""

    def __init__(self, case):
        self.case = case
        self.seen = dict.fromkeys(
            ("connections", "requests", "open", "frames", "padding", "pings", "pings_acked"), 0)
        self.problems = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def saw(self, **counts):
        with self.lock:
            for name, count in counts.items():
                self.seen[name] += count

    def at_most(self, **counts):
        with self.lock:
            for name, count in counts.items():
                self.seen[name] = max(self.seen[name], count)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.saw(connections=1)
                thread = threading.Thread(target=self.serve, args=(sock,))
                self.threads.append(thread)
                thread.start()

    def serve(self, sock):
        with sock:
            try:
                Connection(self, sock).serve()
            except (Gone, ConnectionError):
                pass
            except h2.exceptions.ProtocolError as problem:  # the client broke HTTP/2
                self.problems.append(repr(problem))

    def close(self):
        """The client has gone: ends every thread."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()
