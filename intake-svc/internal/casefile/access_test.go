package casefile

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// What a role may do stands beside the RPC, and in the table: both say the same.
func TestTheTableAgreesWithTheRPCs(t *testing.T) {
	t.Parallel()
	cases := intakev1.File_aftersales_intake_v1_case_service_proto.Services().ByName("CaseService")
	solutions := intakev1.File_aftersales_intake_v1_solution_service_proto.Services().ByName("SolutionService")
	contacts := intakev1.File_aftersales_intake_v1_contact_service_proto.Services().ByName("ContactService")
	evidence := intakev1.File_aftersales_intake_v1_evidence_service_proto.Services().ByName("EvidenceService")
	for verb, rpc := range map[Verb]protoreflect.MethodDescriptor{
		Accept: cases.Methods().ByName("AcceptCase"), StartInvestigate: cases.Methods().ByName("StartInvestigation"),
		Conclude: cases.Methods().ByName("ConcludeInvestigation"), ResolveNow: cases.Methods().ByName("ResolveCaseNow"),
		RequestClose: cases.Methods().ByName("RequestCaseClose"), Close: cases.Methods().ByName("CloseCase"),
		CloseNoReply: cases.Methods().ByName("CloseCase"), Reopen: cases.Methods().ByName("ReopenCase"), Withdraw: cases.Methods().ByName("WithdrawCase"),
		Archive: cases.Methods().ByName("ArchiveCase"), Propose: solutions.Methods().ByName("CreateSolution"),
		Agree: solutions.Methods().ByName("AgreeSolution"), Decline: solutions.Methods().ByName("DeclineSolution"),
		ConfirmMeasure: solutions.Methods().ByName("ConfirmMeasure"), Contact: contacts.Methods().ByName("CreateContactAttempt"),
		AddEvidence: evidence.Methods().ByName("CreateEvidence"),
	} {
		access, ok := proto.GetExtension(rpc.Options(), commonv1.E_Access).(*commonv1.Access)
		require.True(t, ok, rpc.FullName())
		for _, r := range Rules {
			if r.Verb != verb {
				continue
			}
			require.ElementsMatch(t, access.GetRoles(), r.By.roles, "%s", verb)
			require.Equal(t, len(access.GetPartnerScopes()) > 0, r.By.partner, "%s by partners", verb)
			require.Equal(t, access.GetCustomer(), r.By.customer, "%s by customers", verb)
		}
		require.True(t, slices.ContainsFunc(Rules, func(r Rule) bool { return r.Verb == verb }))
	}
}
