// Package grpcx is how the services of the suite serve and call gRPC: the one
// chain of interceptors (chain.go), servers over the network and in process that
// run the same chain, and connections with deadlines, identity and tracing.
//
// A service is called the same way whether it lives in this process or not:
//
//	server := grpcx.NewServer(opts)          // or channel := grpcx.NewInProcess(opts)
//	intakev1.RegisterCaseServiceServer(server, api)
//	conn, err := grpcx.Dial(addr, client)    // or conn := grpcx.Client(channel, client)
//	cases := intakev1.NewCaseServiceClient(conn)
//
// An outgoing call authenticates as the service itself; ForwardPrincipal makes it
// a call of whoever called us. The request's id, the caller's language and the
// trace go along by themselves.
package grpcx
