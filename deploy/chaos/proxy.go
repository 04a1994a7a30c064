package chaos

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Proxy carries TCP between a client and one server, and disturbs what it
// carries.
type Proxy struct {
	Name   string
	target string
	ln     net.Listener

	mu      sync.Mutex
	open    map[net.Conn]struct{} // towards the clients
	deaf    bool                  // answers of the server are read and dropped
	slow    time.Duration         // before each piece of an answer
	dropped int                   // answers, or pieces of them
	delayed int
	over    sync.WaitGroup
}

// NewProxy listens on a free port of this machine, and dials the target for
// each connection. Serve does the work.
func NewProxy(name, target string) (*Proxy, error) {
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Proxy{Name: name, target: target, ln: ln, open: make(map[net.Conn]struct{})}, nil
}

// Address is where clients connect.
func (p *Proxy) Address() string { return p.ln.Addr().String() }

// Serve carries until ctx ends, and then returns nil.
func (p *Proxy) Serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		_ = p.ln.Close()
		p.Cut()
	})()
	defer p.over.Wait()
	for {
		client, err := p.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		p.over.Go(func() { p.carry(ctx, client) })
	}
}

// carry hands both directions on until one of them ends.
func (p *Proxy) carry(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
	if err != nil {
		return // as if the server itself had refused
	}
	defer func() { _ = server.Close() }()
	p.mu.Lock()
	p.open[client] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.open, client)
		p.mu.Unlock()
	}()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = io.Copy(answers{client, p}, server)
		_ = client.Close()
	}()
	_, _ = io.Copy(server, client)
	_ = server.Close()
	<-answered
}

// answers is the way back to a client.
type answers struct {
	client net.Conn
	proxy  *Proxy
}

func (a answers) Write(piece []byte) (int, error) {
	p := a.proxy
	p.mu.Lock()
	deaf, slow := p.deaf, p.slow
	if deaf {
		p.dropped++
	} else if slow > 0 {
		p.delayed++
	}
	p.mu.Unlock()
	if deaf {
		// The server has done what it was asked to, and the client never hears of it.
		_ = a.client.Close()
		return 0, io.ErrClosedPipe
	}
	if slow > 0 {
		wait(context.Background(), slow)
	}
	return a.client.Write(piece)
}

// Cut closes every connection, and says how many there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
	return len(p.open)
}

// Deafen drops answers from now on, or no more.
func (p *Proxy) Deafen(deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = deaf
}

// Slow delays each piece of an answer.
func (p *Proxy) Slow(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = by
}

// Disturbed says how many pieces of answers were dropped and delayed so far.
func (p *Proxy) Disturbed() (dropped, delayed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped, p.delayed
}
