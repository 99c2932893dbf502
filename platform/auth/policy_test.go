package auth

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// service makes a descriptor with an RPC per access option; nil is an RPC without one.
func service(t *testing.T, access map[string]*commonv1.Access) protoreflect.ServiceDescriptor {
	t.Helper()
	s := &descriptorpb.ServiceDescriptorProto{Name: proto.String("S")}
	for name, a := range access {
		m := &descriptorpb.MethodDescriptorProto{
			Name: proto.String(name), InputType: proto.String(".aftersales.common.v1.Address"), OutputType: proto.String(".aftersales.common.v1.Address"),
		}
		if a != nil {
			m.Options = &descriptorpb.MethodOptions{}
			proto.SetExtension(m.Options, commonv1.E_Access, a)
		}
		s.Method = append(s.Method, m)
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("t.proto"), Package: proto.String("t"), Syntax: proto.String("proto3"),
		Dependency: []string{"aftersales/common/v1/types.proto", "aftersales/common/v1/access.proto"}, Service: []*descriptorpb.ServiceDescriptorProto{s},
	}, protoregistry.GlobalFiles)
	require.NoError(t, err)
	return file.Services().Get(0)
}

func TestEveryCallerAgainstEveryKindOfAccess(t *testing.T) {
	t.Parallel()
	policy, err := LoadPolicy(service(t, map[string]*commonv1.Access{
		"Agents": {Roles: []string{RoleAgent}}, "AnyStaff": {Roles: []string{"*"}}, "Partners": {PartnerScopes: []string{"cases.write"}},
		"Customers": {Customer: true}, "Services": {Services: true}, "Everybody": {Public: true},
	}))
	require.NoError(t, err)
	callers := map[string]Principal{
		"nobody":   {},
		"agent":    {Subject: "users/1", Kind: Staff, Roles: []string{RoleAgent}},
		"engineer": {Subject: "users/2", Kind: Staff, Roles: []string{RoleEngineer}},
		"partner":  {Subject: "partners/1", Kind: Partner, Scopes: []string{"cases.write"}},
		"reader":   {Subject: "partners/2", Kind: Partner, Scopes: []string{"cases.read"}, Roles: []string{RoleAgent}},
		"mini":     {Subject: "partners/3", Kind: Partner, Scopes: []string{ScopeActForCustomer}, OnBehalfOf: "wechat:o"},
		"idleMini": {Subject: "partners/3", Kind: Partner, Scopes: []string{ScopeActForCustomer}},
		"customer": {Subject: "customers/1", Kind: Customer, Roles: []string{RoleAgent}, Scopes: []string{"cases.write"}},
		"service":  ServicePrincipal("intake"),
		"system":   SystemPrincipal(),
	}
	may := map[string][]string{
		"Agents": {"agent"}, "AnyStaff": {"agent", "engineer"}, "Partners": {"partner"},
		"Customers": {"customer", "mini"}, "Services": {"service", "system"},
	}
	for _, method := range policy.Methods() {
		for name, who := range callers {
			err := policy.Check(method, who)
			rpc := method[len("/t.S/"):]
			switch {
			case rpc == "Everybody" || contains(may[rpc], name):
				require.NoError(t, err, "%s by %s", rpc, name)
			case name == "nobody":
				require.ErrorIs(t, err, apierr.ErrUnauthenticated, "%s by %s", rpc, name)
			default:
				require.ErrorIs(t, err, apierr.ErrForbidden, "%s by %s", rpc, name)
			}
		}
	}
	require.ErrorIs(t, policy.Check("/t.S/Other", callers["system"]), apierr.ErrUnimplemented)
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// A server does not start with an RPC that says nothing about its callers
// (architecture.md section 6).
func TestLoadPolicyNamesEveryFaultyRPC(t *testing.T) {
	t.Parallel()
	_, err := LoadPolicy(service(t, map[string]*commonv1.Access{
		"Bare": nil, "Empty": {}, "Typo": {Roles: []string{"agnet"}}, "Good": {Public: true},
	}))
	for _, want := range []string{"t.S.Bare", "t.S.Empty", "t.S.Typo", `"agnet"`} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "Good")
}
