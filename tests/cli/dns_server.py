"""A name server that knows a few addresses: enough of RFC 1035 for resolvers that ask over UDP."""

import ipaddress
import socket
import struct
import threading

A, AAAA, IN, NO_SUCH_NAME = 1, 28, 1, 3


class DnsServer:
    def __init__(self, addresses, port=53):
        self.addresses = addresses  # name -> IPv4 address
        self.asked = []             # (name, type), in order
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        name = ".".join(labels)
        question = query[12:at + 5]
        kind, = struct.unpack(">H", query[at + 1:at + 3])
        self.asked.append((name, kind))
        known = name in self.addresses
        records = b""
        if known and kind == A:
            address = ipaddress.IPv4Address(self.addresses[name]).packed
            records = struct.pack(">HHHIH", 0xC00C, A, IN, 60, len(address)) + address
        flags = 0x8580 | (0 if known else NO_SUCH_NAME)  # an authoritative answer
        counts = struct.pack(">HHHH", 1, 1 if records else 0, 0, 0)
        return query[:2] + struct.pack(">H", flags) + counts + question + records
