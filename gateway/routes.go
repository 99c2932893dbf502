package gateway

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/gateway/internal/transcode"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

type registerFunc = func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error

// via binds a generated Register…HandlerClient function: always over a connection, never Register…HandlerServer, which runs
// no interceptor.
func via[C any](register func(context.Context, *runtime.ServeMux, C) error, client func(grpc.ClientConnInterface) C) registerFunc {
	return func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return register(ctx, mux, client(conn))
	}
}

// services of a file list, by their descriptors.
func services(files ...protoreflect.FileDescriptor) (all []protoreflect.ServiceDescriptor) {
	for _, f := range files {
		for i := range f.Services().Len() {
			all = append(all, f.Services().Get(i))
		}
	}
	return all
}

// backends are in rising order of use: the mux tries the patterns that were registered last first, and a miss costs 0.2 us.
func (s *Service) backends() ([]transcode.Backend, error) {
	own, err := s.ownConn()
	if err != nil {
		return nil, err
	}
	return []transcode.Backend{{
		Conn:     own,
		Services: ownServices(),
		Register: []registerFunc{
			via(gatewayv1.RegisterAuthServiceHandlerClient, gatewayv1.NewAuthServiceClient),
			via(gatewayv1.RegisterOrganisationServiceHandlerClient, gatewayv1.NewOrganisationServiceClient),
			via(gatewayv1.RegisterUserServiceHandlerClient, gatewayv1.NewUserServiceClient),
			via(gatewayv1.RegisterPartnerServiceHandlerClient, gatewayv1.NewPartnerServiceClient),
			via(gatewayv1.RegisterEventServiceHandlerClient, gatewayv1.NewEventServiceClient),
			via(gatewayv1.RegisterWebhookServiceHandlerClient, gatewayv1.NewWebhookServiceClient),
		},
	}, s.survey(), s.dispatch(), s.intake()}, nil
}

func ownServices() []protoreflect.ServiceDescriptor {
	return services(gatewayv1.File_aftersales_gateway_v1_auth_proto, gatewayv1.File_aftersales_gateway_v1_organisation_proto,
		gatewayv1.File_aftersales_gateway_v1_user_proto, gatewayv1.File_aftersales_gateway_v1_partner_proto,
		gatewayv1.File_aftersales_gateway_v1_event_proto, gatewayv1.File_aftersales_gateway_v1_webhook_proto,
		gatewayv1.File_aftersales_gateway_v1_inbox_proto)
}

// ownConn calls the gateway's own services in the process, through the same chain as everybody else's.
func (s *Service) ownConn() (grpc.ClientConnInterface, error) {
	policy, err := auth.LoadPolicy(ownServices()...)
	if err != nil {
		return nil, err
	}
	channel := grpcx.NewInProcess(grpcx.ChainOptions{
		Log: s.deps.Log, Verifier: s.deps.Keys.TokenVerifier(s.deps.Clock.Now), Policy: policy, Tracer: s.deps.Tracer,
	})
	s.core.Register(channel)
	return channel, nil
}

func (s *Service) intake() transcode.Backend {
	return transcode.Backend{
		Conn: s.deps.Intake,
		Hot:  via(intakev1.RegisterCaseServiceHandlerClient, intakev1.NewCaseServiceClient), HotPath: "/v1/cases",
		Services: services(intakev1.File_aftersales_intake_v1_case_service_proto, intakev1.File_aftersales_intake_v1_solution_service_proto,
			intakev1.File_aftersales_intake_v1_code_service_proto, intakev1.File_aftersales_intake_v1_contact_service_proto,
			intakev1.File_aftersales_intake_v1_evidence_service_proto, intakev1.File_aftersales_intake_v1_progress_service_proto,
			intakev1.File_aftersales_intake_v1_channel_service_proto, intakev1.File_aftersales_intake_v1_transfer_service_proto,
			intakev1.File_aftersales_intake_v1_device_service_proto, intakev1.File_aftersales_intake_v1_rule_service_proto,
			intakev1.File_aftersales_intake_v1_investigation_service_proto, intakev1.File_aftersales_intake_v1_finance_service_proto,
			intakev1.File_aftersales_intake_v1_consent_service_proto, intakev1.File_aftersales_intake_v1_feasibility_service_proto,
			intakev1.File_aftersales_intake_v1_custody_service_proto, intakev1.File_aftersales_intake_v1_incident_service_proto,
			intakev1.File_aftersales_intake_v1_case_statistics_service_proto,
			intakev1.File_aftersales_intake_v1_promise_service_proto, intakev1.File_aftersales_intake_v1_sla_policy_service_proto,
			intakev1.File_aftersales_intake_v1_working_calendar_service_proto,
			intakev1.File_aftersales_intake_v1_first_contact_service_proto, intakev1.File_aftersales_intake_v1_classification_service_proto,
			intakev1.File_aftersales_intake_v1_relation_service_proto, intakev1.File_aftersales_intake_v1_decision_rule_service_proto,
			intakev1.File_aftersales_intake_v1_template_service_proto, intakev1.File_aftersales_intake_v1_article_service_proto,
			intakev1.File_aftersales_intake_v1_retention_service_proto,
			intakev1.File_aftersales_intake_v1_investigator_team_service_proto),
		Register: []registerFunc{
			// First, that is last to be asked: a case's name in a read would swallow the verbs of other services, cases/x:verb.
			via(intakev1.RegisterCaseServiceHandlerClient, intakev1.NewCaseServiceClient),
			via(intakev1.RegisterSolutionServiceHandlerClient, intakev1.NewSolutionServiceClient),
			via(intakev1.RegisterCodeServiceHandlerClient, intakev1.NewCodeServiceClient),
			via(intakev1.RegisterContactServiceHandlerClient, intakev1.NewContactServiceClient),
			via(intakev1.RegisterEvidenceServiceHandlerClient, intakev1.NewEvidenceServiceClient),
			via(intakev1.RegisterProgressServiceHandlerClient, intakev1.NewProgressServiceClient),
			via(intakev1.RegisterCaseTransferServiceHandlerClient, intakev1.NewCaseTransferServiceClient),
			via(intakev1.RegisterDeviceServiceHandlerClient, intakev1.NewDeviceServiceClient),
			via(intakev1.RegisterRuleServiceHandlerClient, intakev1.NewRuleServiceClient),
			via(intakev1.RegisterInvestigationServiceHandlerClient, intakev1.NewInvestigationServiceClient),
			via(intakev1.RegisterFinanceTaskServiceHandlerClient, intakev1.NewFinanceTaskServiceClient),
			via(intakev1.RegisterConsentServiceHandlerClient, intakev1.NewConsentServiceClient),
			via(intakev1.RegisterFeasibilityServiceHandlerClient, intakev1.NewFeasibilityServiceClient),
			via(intakev1.RegisterIncidentServiceHandlerClient, intakev1.NewIncidentServiceClient),
			via(intakev1.RegisterCaseStatisticsServiceHandlerClient, intakev1.NewCaseStatisticsServiceClient),
			via(intakev1.RegisterPublicCaseServiceHandlerClient, intakev1.NewPublicCaseServiceClient),
			via(intakev1.RegisterCaseMessageServiceHandlerClient, intakev1.NewCaseMessageServiceClient),
			via(intakev1.RegisterCallServiceHandlerClient, intakev1.NewCallServiceClient),
			via(intakev1.RegisterRegulatorServiceHandlerClient, intakev1.NewRegulatorServiceClient),
			via(intakev1.RegisterPromiseServiceHandlerClient, intakev1.NewPromiseServiceClient),
			via(intakev1.RegisterSlaPolicyServiceHandlerClient, intakev1.NewSlaPolicyServiceClient),
			via(intakev1.RegisterWorkingCalendarServiceHandlerClient, intakev1.NewWorkingCalendarServiceClient),
			via(intakev1.RegisterFirstContactServiceHandlerClient, intakev1.NewFirstContactServiceClient),
			via(intakev1.RegisterClassificationServiceHandlerClient, intakev1.NewClassificationServiceClient),
			via(intakev1.RegisterRelationServiceHandlerClient, intakev1.NewRelationServiceClient),
			via(intakev1.RegisterDecisionRuleServiceHandlerClient, intakev1.NewDecisionRuleServiceClient),
			via(intakev1.RegisterTemplateServiceHandlerClient, intakev1.NewTemplateServiceClient),
			via(intakev1.RegisterArticleServiceHandlerClient, intakev1.NewArticleServiceClient),
			via(intakev1.RegisterCustodyServiceHandlerClient, intakev1.NewCustodyServiceClient),
			via(intakev1.RegisterRetentionServiceHandlerClient, intakev1.NewRetentionServiceClient),
			via(intakev1.RegisterInvestigatorTeamServiceHandlerClient, intakev1.NewInvestigatorTeamServiceClient),
		},
	}
}

func (s *Service) dispatch() transcode.Backend {
	return transcode.Backend{
		Conn: s.deps.Dispatch,
		Services: services(dispatchv1.File_aftersales_dispatch_v1_work_order_service_proto, dispatchv1.File_aftersales_dispatch_v1_engineer_proto,
			dispatchv1.File_aftersales_dispatch_v1_part_proto),
		Register: []registerFunc{
			via(dispatchv1.RegisterWorkOrderServiceHandlerClient, dispatchv1.NewWorkOrderServiceClient),
			via(dispatchv1.RegisterEngineerServiceHandlerClient, dispatchv1.NewEngineerServiceClient),
			via(dispatchv1.RegisterPartServiceHandlerClient, dispatchv1.NewPartServiceClient),
		},
	}
}

func (s *Service) survey() transcode.Backend {
	return transcode.Backend{
		Conn: s.deps.Survey,
		Services: services(surveyv1.File_aftersales_survey_v1_invitation_proto, surveyv1.File_aftersales_survey_v1_call_back_proto,
			surveyv1.File_aftersales_survey_v1_statistics_proto),
		Register: []registerFunc{
			via(surveyv1.RegisterInvitationServiceHandlerClient, surveyv1.NewInvitationServiceClient),
			via(surveyv1.RegisterCallBackServiceHandlerClient, surveyv1.NewCallBackServiceClient),
			via(surveyv1.RegisterStatisticsServiceHandlerClient, surveyv1.NewStatisticsServiceClient),
		},
	}
}
