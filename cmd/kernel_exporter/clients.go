package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	stdlog "log" //nolint:depguard // net/http writes its errors to nothing else
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// What a client may cost. Any pod of a cluster can reach the port of every
// node's exporter, so the sum of these bounds has to fit in the memory of a
// small container, whatever a client sends or does not read.
const (
	// maxConnections is how many connections are open at one time.
	maxConnections = 256
	// maxStreams is how many requests an HTTP/2 connection has open at one time.
	maxStreams = 16
	// maxUnsent is how many rendered answers wait for clients to read them.
	maxUnsent = 64
	// maxHeader bounds the header of a request, with its first line, to 16 kB:
	// net/http adds 4,096 bytes to what it is told.
	maxHeader = 12 << 10

	// requestTime is how long a client may take to send a request.
	requestTime = 10 * time.Second
	// answerTime is how long a client may take to read an answer.
	answerTime = 30 * time.Second
	// idleTime is for how long a connection without a request is kept: longer
	// than Prometheus waits between two scrapes.
	idleTime = 2 * time.Minute
)

// newServer returns a server that a client cannot make use up the machine.
// handlerTime is how long the handler may take for an answer.
func newServer(handler http.Handler, handlerTime time.Duration, logger log.Logger) *http.Server {
	open := connections{limit: maxConnections, clients: map[net.Conn]*client{}, freed: make(chan struct{}, 1)}
	unsent := answers{limit: maxUnsent, logger: logger}
	return &http.Server{
		Handler:           unsent.rendered(open.busy(handler)),
		ReadHeaderTimeout: requestTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      handlerTime + answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ConnContext:       open.admit,
		ConnState:         open.changed,
		ErrorLog:          stdlog.New(httpErrors{logger}, "", 0),
	}
}

// connections keeps the number of open connections at a limit. For one that is
// too many, a connection is closed that waits for its client: an idle one, or one
// that has sent half a request or does not read its answer. So a client that
// opens many closes its own, and a scrape that has just come is served.
type connections struct {
	limit int
	freed chan struct{} // tells the one that waits to be admitted

	mu      sync.Mutex
	clients map[net.Conn]*client
}

// client is an open connection.
type client struct {
	idle    bool
	busy    int // requests of which the answer is being made
	changed time.Time
}

// clientGrace is how long a client has for its next step before its connection
// may be closed for another's.
const clientGrace = 250 * time.Millisecond

// unsentBytes is how much of an answer the kernel may hold for a connection: a
// client that sends requests and reads nothing is served no more than that.
const unsentBytes = 64 << 10

// clientKey is the key of a connection's client in the context of its requests.
type clientKey struct{}

// admit implements ConnContext of [http.Server], which calls it before it accepts
// the next connection: to wait here leaves that one with the kernel.
func (c *connections) admit(ctx context.Context, conn net.Conn) context.Context {
	conn = under(conn)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(unsentBytes) // the kernel's default does too
	}
	for !c.room() {
		select {
		case <-c.freed:
		case <-time.After(clientGrace / 4):
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	added := &client{changed: time.Now()}
	c.clients[conn] = added
	return context.WithValue(ctx, clientKey{}, added)
}

// room says whether there is room for one more connection, and makes some if it
// can.
func (c *connections) room() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.clients) < c.limit {
		return true
	}
	var oldest net.Conn
	now := time.Now()
	for conn, cl := range c.clients {
		waits := cl.idle || cl.busy == 0 && now.Sub(cl.changed) > clientGrace
		if waits && (oldest == nil || cl.changed.Before(c.clients[oldest].changed)) {
			oldest = conn
		}
	}
	if oldest == nil {
		return false
	}
	delete(c.clients, oldest)
	_ = oldest.Close() // its client may be gone
	return true
}

// changed implements ConnState of [http.Server].
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	conn = under(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, ok := c.clients[conn]
	if !ok {
		return // closed by us
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.clients, conn)
	}
	cl.idle, cl.changed = state == http.StateIdle, time.Now()
	if cl.idle || state == http.StateClosed {
		select {
		case c.freed <- struct{}{}:
		default:
		}
	}
}

// busy returns a handler that marks the connection while h makes an answer.
func (c *connections) busy(h http.Handler) http.Handler {
	mark := func(r *http.Request, more int) {
		if cl, ok := r.Context().Value(clientKey{}).(*client); ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			cl.busy += more
			cl.changed = time.Now()
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mark(r, 1)
		defer mark(r, -1)
		h.ServeHTTP(w, r)
	})
}

// under returns the connection below TLS, whose Close does not wait to say
// goodbye.
func under(conn net.Conn) net.Conn {
	if t, ok := conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return conn
}

// answers are the rendered answers that clients have not read yet. While there
// are as many as the limit, a new one cuts off the one that waits longest.
type answers struct {
	limit  int
	logger log.Logger

	mu      sync.Mutex
	waiting []*http.ResponseController // the oldest first
	buffers sync.Pool
}

// rendered returns a handler that has h render an answer in memory, and sends it
// after h has returned: what h holds, a slot among the scrapes, it does not hold
// for as long as a client cares to read.
func (a *answers) rendered(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := a.buffers.Get().(*answer)
		if !ok {
			page = &answer{header: http.Header{}}
		}
		page.reset()
		h.ServeHTTP(page, r)
		maps.Copy(w.Header(), page.header)
		if page.bodyAllowed() {
			w.Header().Set("Content-Length", strconv.Itoa(page.body.Len()))
		}
		client := http.NewResponseController(w)
		a.begin(client)
		defer a.end(client)
		w.WriteHeader(page.status)
		if _, err := w.Write(page.body.Bytes()); err != nil && page.bodyAllowed() && r.Method != http.MethodHead {
			_ = level.Debug(a.logger).Log("msg", "client did not read its answer", "client", r.RemoteAddr, "path", r.URL.Path, "err", err)
		}
		if page.body.Cap() <= maxPooled {
			a.buffers.Put(page)
		}
	})
}

// maxPooled bounds the buffers that are kept for the next answers.
const maxPooled = 256 << 10

func (a *answers) begin(client *http.ResponseController) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) >= a.limit {
		_ = a.waiting[0].SetWriteDeadline(time.Now()) // its client may be gone
		a.waiting = a.waiting[1:]
	}
	a.waiting = append(a.waiting, client)
}

func (a *answers) end(client *http.ResponseController) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range a.waiting {
		if w == client {
			a.waiting = append(a.waiting[:i], a.waiting[i+1:]...)
			return
		}
	}
}

// answer is an answer in memory. It implements [http.ResponseWriter].
type answer struct {
	header  http.Header
	status  int
	started bool
	body    bytes.Buffer
}

func (a *answer) reset() {
	clear(a.header)
	a.status, a.started = http.StatusOK, false
	a.body.Reset()
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.started {
		a.status, a.started = status, true
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.started = true
	return a.body.Write(b)
}

// bodyAllowed says whether HTTP lets an answer of this status have a body.
func (a *answer) bodyAllowed() bool {
	return a.status >= http.StatusOK && a.status != http.StatusNoContent && a.status != http.StatusNotModified
}

// slotTime is how long a scrape waits for a place among those that run: longer
// than a burst of them takes.
const slotTime = 2 * time.Second

// slots returns a handler that runs h at most so many times at once; 0 is no
// limit. One more waits for its turn, and is refused after a time. Once h runs, a
// client that hangs up ends nothing: a read that was given up would look like one
// that failed.
func slots(h http.Handler, most int) http.Handler {
	serve := func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	}
	if most == 0 {
		return http.HandlerFunc(serve)
	}
	running := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		late := time.NewTimer(slotTime)
		defer late.Stop()
		select {
		case running <- struct{}{}:
			defer func() { <-running }()
			serve(w, r)
		case <-late.C:
			http.Error(w, fmt.Sprintf("Limit of concurrent requests reached (%d), try again later.", most), http.StatusServiceUnavailable)
		case <-r.Context().Done(): // nobody waits for the answer
		}
	})
}

// limited returns a handler that runs h at most so many times at once, and
// answers after a time at the latest, though h hangs in a read that the kernel
// does not answer: such an h is left to itself and counts until it returns.
func limited(h http.Handler, most int, limit time.Duration, logger log.Logger) http.Handler {
	running := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case running <- struct{}{}:
		default:
			http.Error(w, "Too many of these pages are being made. Try again later.", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		page, done := &answer{header: http.Header{}, status: http.StatusOK}, make(chan error, 1)
		go func() {
			defer func() { <-running }()
			defer func() {
				if p := recover(); p != nil {
					done <- fmt.Errorf("panic: %v", p)
				}
			}()
			h.ServeHTTP(page, r.WithContext(ctx))
			done <- nil
		}()
		select {
		case err := <-done:
			if err != nil {
				_ = level.Error(logger).Log("msg", "cannot make a page", "path", r.URL.Path, "err", err)
				http.Error(w, "This page could not be made.", http.StatusInternalServerError)
				return
			}
			maps.Copy(w.Header(), page.header)
			w.WriteHeader(page.status)
			_, _ = io.Copy(w, &page.body) // in memory
		case <-ctx.Done():
			http.Error(w, fmt.Sprintf("A file of this node did not answer within %s.", limit), http.StatusServiceUnavailable)
		}
	})
}

// httpErrors hands what net/http says of a server to our logger: a client's
// doing at debug, as any client could write as much as it likes, and our own at
// error.
type httpErrors struct{ logger log.Logger }

func (e httpErrors) Write(line []byte) (int, error) {
	message := strings.TrimSpace(string(line))
	at := level.Debug
	for _, ours := range []string{"http: Accept error", "http: panic serving", "http2: panic serving", "http: superfluous"} {
		if strings.HasPrefix(message, ours) {
			at = level.Error
		}
	}
	_ = at(e.logger).Log("msg", "http server", "err", strings.ReplaceAll(message, "\n", "; "))
	return len(line), nil
}
