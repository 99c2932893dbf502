package auth

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// anyRole in an access option lets in every signed-in member of staff.
const anyRole = "*"

// Policy knows for every RPC of a server who may call it.
type Policy struct {
	rules map[string]*commonv1.Access // by full method, /package.Service/Method
}

// LoadPolicy reads the access option beside every RPC of the services. The error
// names every RPC that has none, lets nobody in, or names an unknown role: a
// server does not start with such an RPC.
func LoadPolicy(services ...protoreflect.ServiceDescriptor) (*Policy, error) {
	p := &Policy{rules: make(map[string]*commonv1.Access)}
	var errs []error
	for _, s := range services {
		methods := s.Methods()
		for i := range methods.Len() {
			m := methods.Get(i)
			rule, err := accessOf(m)
			if err != nil {
				errs = append(errs, fmt.Errorf("auth: %s: %w", m.FullName(), err))
				continue
			}
			p.rules[fmt.Sprintf("/%s/%s", s.FullName(), m.Name())] = rule
		}
	}
	return p, errors.Join(errs...)
}

// accessOf reads the option of one RPC.
func accessOf(m protoreflect.MethodDescriptor) (*commonv1.Access, error) {
	opts := m.Options()
	if opts == nil || !proto.HasExtension(opts, commonv1.E_Access) {
		return nil, errors.New("no access option")
	}
	rule, _ := proto.GetExtension(opts, commonv1.E_Access).(*commonv1.Access)
	for _, role := range rule.GetRoles() {
		if role != anyRole && !slices.Contains(Roles, role) {
			return nil, fmt.Errorf("unknown role %q", role)
		}
	}
	if proto.Size(rule) == 0 {
		return nil, errors.New("the access option lets nobody in")
	}
	return rule, nil
}

// Check lets the principal call the method or returns apierr.ErrUnauthenticated
// (nobody known) or apierr.ErrForbidden.
func (p *Policy) Check(fullMethod string, who Principal) error {
	rule, ok := p.rules[fullMethod]
	if !ok {
		return apierr.ErrUnimplemented.New("method", fullMethod)
	}
	if rule.GetPublic() || allowed(rule, &who) {
		return nil
	}
	if who.Kind == Public {
		return apierr.ErrUnauthenticated.New()
	}
	return apierr.ErrForbidden.New("method", fullMethod)
}

// Methods lists the RPCs known, for tests that walk them.
func (p *Policy) Methods() []string {
	names := make([]string, 0, len(p.rules))
	for name := range p.rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Access gives the option of a method, nil when it is unknown.
func (p *Policy) Access(fullMethod string) *commonv1.Access { return p.rules[fullMethod] }

func allowed(rule *commonv1.Access, who *Principal) bool {
	switch who.Kind {
	case Staff:
		return slices.ContainsFunc(rule.GetRoles(), func(role string) bool {
			return role == anyRole || slices.Contains(who.Roles, role)
		})
	case Partner:
		return partnerAllowed(rule, who)
	case Customer:
		return rule.GetCustomer()
	case Service, System:
		return rule.GetServices()
	}
	return false
}

// partnerAllowed lets a partner in by a scope, or for the customer it acts for:
// a mini-program's back end is a partner (api.md section 3).
func partnerAllowed(rule *commonv1.Access, who *Principal) bool {
	if rule.GetCustomer() && who.OnBehalfOf != "" && slices.Contains(who.Scopes, ScopeActForCustomer) {
		return true
	}
	return slices.ContainsFunc(rule.GetPartnerScopes(), func(scope string) bool {
		return slices.Contains(who.Scopes, scope)
	})
}

// LoadPolicyFiles is LoadPolicy for every service in the files, e.g.
// intakev1.File_aftersales_intake_v1_case_service_proto.
func LoadPolicyFiles(files ...protoreflect.FileDescriptor) (*Policy, error) {
	var all []protoreflect.ServiceDescriptor
	for _, f := range files {
		for i := range f.Services().Len() {
			all = append(all, f.Services().Get(i))
		}
	}
	return LoadPolicy(all...)
}
