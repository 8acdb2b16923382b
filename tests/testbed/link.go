package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// cut is a way to end a connection.
type cut string

const (
	cutClose cut = "close" // close_notify where there is TLS, then FIN
	cutEOF   cut = "eof"   // FIN only: under TLS a truncation
	cutReset cut = "reset" // RST
)

// link is one accepted connection and its counterpart to the frontend.
type link struct {
	id     int
	via    string
	opened time.Time
	tcp    *net.TCPConn
	client net.Conn // tcp, or TLS over it
	done   chan struct{}
	in     atomic.Int64
	out    atomic.Int64

	mu      sync.Mutex
	backend net.Conn
	tls     *tlsView
	failure string
	closed  time.Time
}

// tlsView is what a test may want to know of a handshake.
type tlsView struct {
	Version    string `json:"version"`
	ServerName string `json:"serverName"`
	ALPN       string `json:"alpn"`
	Resumed    bool   `json:"resumed"`
	ClientCert string `json:"clientCert,omitempty"`
}

// linkView is a link as the control shows it.
type linkView struct {
	ID     int      `json:"id"`
	Via    string   `json:"via"`
	Peer   string   `json:"peer"`
	Opened string   `json:"opened"`
	Closed string   `json:"closed,omitempty"`
	Error  string   `json:"error,omitempty"`
	In     int64    `json:"bytesIn"`
	Out    int64    `json:"bytesOut"`
	TLS    *tlsView `json:"tls,omitempty"`
}

func newLink(id int, via string, conn *net.TCPConn) *link {
	return &link{id: id, via: via, opened: time.Now(), tcp: conn, client: conn, done: make(chan struct{})}
}

func (l *link) handshake(config *tls.Config) error {
	conn := tls.Server(l.tcp, config)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	state := conn.ConnectionState()
	view := &tlsView{
		Version: tls.VersionName(state.Version), ServerName: state.ServerName,
		ALPN: state.NegotiatedProtocol, Resumed: state.DidResume,
	}
	if len(state.PeerCertificates) > 0 {
		view.ClientCert = state.PeerCertificates[0].Subject.CommonName
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client, l.tls = conn, view
	return nil
}

func (l *link) setBackend(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.backend = conn
	if l.ended() {
		conn.Close()
	}
}

// copyBoth returns when either side has ended and what it had sent before was passed on.
func (l *link) copyBoth(f *fronts) error {
	ends := make(chan error, 2)
	go func() { ends <- l.copyOne(f, l.backend, l.client, &l.in) }()
	go func() { ends <- l.copyOne(f, l.client, l.backend, &l.out) }()
	return <-ends
}

func (l *link) copyOne(f *fronts, to, from net.Conn, count *atomic.Int64) error {
	buffer := make([]byte, 64*1024)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			count.Add(int64(n))
			f.waitThawed(l)
			if _, werr := to.Write(buffer[:n]); werr != nil {
				return werr
			}
		}
		if err != nil {
			f.waitThawed(l)
			return err
		}
	}
}

// cut ends the connection from our side.
func (l *link) cut(how cut) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended() {
		return
	}
	switch how {
	case cutReset:
		_ = l.tcp.SetLinger(0)
		l.tcp.Close()
	case cutEOF:
		l.tcp.Close()
	}
	l.endLocked(errors.New("cut by the control: " + string(how)))
}

func (l *link) finish(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended() {
		l.endLocked(err)
	}
}

func (l *link) endLocked(err error) {
	if err != nil && !errors.Is(err, io.EOF) {
		l.failure = err.Error()
	}
	l.closed = time.Now()
	close(l.done)
	l.client.Close()
	l.tcp.Close()
	if l.backend != nil {
		l.backend.Close()
	}
}

func (l *link) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

func (l *link) view() linkView {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := linkView{
		ID: l.id, Via: l.via, Peer: l.tcp.RemoteAddr().String(), Opened: l.opened.Format(time.RFC3339Nano),
		Error: l.failure, In: l.in.Load(), Out: l.out.Load(), TLS: l.tls,
	}
	if l.ended() {
		v.Closed = l.closed.Format(time.RFC3339Nano)
	}
	return v
}
