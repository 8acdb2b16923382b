package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
)

// The fronts, by the name under which the ready line and the records show them.
const (
	viaPlain       = "address"
	viaPlain6      = "address6"
	viaTLS         = "tls"
	viaMTLS        = "mtls"
	viaAPIKey      = "apiKey"
	viaAPIKeyPlain = "apiKeyPlain"
	viaExpired     = "tlsExpired"
	viaWrongName   = "tlsWrongName"
	viaForeign     = "tlsOtherCa"
	viaNoALPN      = "tlsNoAlpn"
)

const maxKeptLinks = 1000

// fronts accept the connections of clients and copy their bytes to and from the frontend, so HTTP/2 is spoken between
// the client and the real server; a front only ends TLS, remembers who came, and can cut or hold connections.
type fronts struct {
	backend string

	mu        sync.Mutex
	addresses map[string]string
	links     []*link          // oldest first
	byLocal   map[string]*link // by our address as the frontend sees it
	lastID    int
	frozen    map[string]chan struct{} // closed when the front thaws
}

func newFronts(backend string) *fronts {
	return &fronts{
		backend: backend, addresses: map[string]string{}, byLocal: map[string]*link{}, frozen: map[string]chan struct{}{},
	}
}

// openAll listens on every front. An IPv6 front is there only if the machine has IPv6.
func (f *fronts) openAll(certs *certificates, ports map[string]*int) error {
	noALPN := certs.server.serverTLS()
	noALPN.NextProtos = nil
	for _, want := range []struct {
		via    string
		config *tls.Config
	}{
		{viaPlain, nil},
		{viaTLS, certs.server.serverTLS()},
		{viaMTLS, certs.server.mutualTLS(certs.ca)},
		{viaAPIKey, certs.server.serverTLS()},
		{viaAPIKeyPlain, nil},
		{viaExpired, certs.expired.serverTLS()},
		{viaWrongName, certs.wrong.serverTLS()},
		{viaForeign, certs.foreign.serverTLS()},
		{viaNoALPN, noALPN},
	} {
		port := 0
		if given := ports[want.via]; given != nil {
			port = *given
		}
		if err := f.open(want.via, loopback, port, want.config); err != nil {
			return fmt.Errorf("%s front: %w", want.via, err)
		}
	}
	_ = f.open(viaPlain6, "::1", 0, nil)
	return nil
}

func (f *fronts) open(via, host string, port int, config *tls.Config) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	f.addresses[via] = listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go f.serve(via, conn.(*net.TCPConn), config)
			}
		}
	}()
	return nil
}

func (f *fronts) serve(via string, conn *net.TCPConn, config *tls.Config) {
	l := f.add(via, conn)
	err := f.connect(l, config)
	if err == nil {
		err = l.copyBoth(f)
	}
	l.finish(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.backend != nil {
		delete(f.byLocal, l.backend.LocalAddr().String())
	}
}

// connect ends with the link known under our address before a byte has reached the frontend.
func (f *fronts) connect(l *link, config *tls.Config) error {
	f.waitThawed(l)
	if config != nil {
		if err := l.handshake(config); err != nil {
			return err
		}
	}
	backend, err := net.Dial("tcp", f.backend)
	if err != nil {
		return err
	}
	l.setBackend(backend)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byLocal[backend.LocalAddr().String()] = l
	return nil
}

func (f *fronts) add(via string, conn *net.TCPConn) *link {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	l := newLink(f.lastID, via, conn)
	f.links = append(f.links, l)
	if len(f.links) > maxKeptLinks {
		for i, old := range f.links {
			if old.ended() {
				f.links = append(f.links[:i:i], f.links[i+1:]...)
				break
			}
		}
	}
	return l
}

// find returns the link whose bytes reach the frontend from this address, or nil for a direct connection.
func (f *fronts) find(local string) *link {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byLocal[local]
}

// list copies the links of one front, or of all if via is empty.
func (f *fronts) list(via string) []*link {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*link
	for _, l := range f.links {
		if via == "" || via == l.via {
			found = append(found, l)
		}
	}
	return found
}

// kill cuts the open connections and returns how many there were.
func (f *fronts) kill(via string, how cut) int {
	killed := 0
	for _, l := range f.list(via) {
		if !l.ended() {
			l.cut(how)
			killed++
		}
	}
	return killed
}

// freeze makes fronts pass no byte in either direction, as a dead network would, until they thaw.
func (f *fronts) freeze(via string, frozen bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.addresses {
		if via != "" && via != name {
			continue
		}
		gate := f.frozen[name]
		switch {
		case frozen && gate == nil:
			f.frozen[name] = make(chan struct{})
		case !frozen && gate != nil:
			close(gate)
			delete(f.frozen, name)
		}
	}
}

func (f *fronts) waitThawed(l *link) {
	f.mu.Lock()
	gate := f.frozen[l.via]
	f.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-l.done:
	}
}
