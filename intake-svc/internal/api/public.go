package api

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	errForm     = apierr.Define(codes.InvalidArgument, "FORM_REFUSED", "表单未通过校验", "the form was refused")
	errFormBusy = apierr.Define(codes.ResourceExhausted, "FORM_BUSY", "提交过于频繁,请稍后再试", "too many filings, try again later")
)

// maxLinks is how many links a problem of a customer holds; advertisements hold more.
const maxLinks = 2

// CreatePublicCase implements intakev1.PublicCaseServiceServer (R26, R54).
func (s publicService) CreatePublicCase(ctx context.Context, req *intakev1.CreatePublicCaseRequest) (*intakev1.PublicCase, error) {
	if !s.Channels.hasForm(req.GetOrganisation()) {
		return nil, apierr.NotFound(req.GetOrganisation())
	}
	if err := checkForm(req); err != nil {
		return nil, err
	}
	c, err := s.draft(&intakev1.Case{
		Kind: req.GetKind(), Channel: "WEB_FORM", Customer: req.GetCustomer(), Product: req.GetProduct(), Problem: req.GetProblem(), Expectation: req.GetExpectation(),
	})
	if err != nil {
		return nil, err
	}
	key, err := s.Idem.Key(ctx, req.GetRequestId(), req)
	if err != nil {
		return nil, err
	}
	if !s.Channels.forms.AllowN(s.Clock.Now(), 1) {
		return nil, errFormBusy.New()
	}
	change, err := opened(s.momentOf(channelActor("web-form", req.GetOrganisation())), c)
	if err != nil {
		return nil, err
	}
	filed, err := s.Filer.File(ctx, ledger.Filing{Case: c, Change: change, Key: key, Answer: func(c *casefile.Case) proto.Message {
		return &intakev1.PublicCase{CaseNumber: c.Number, ProgressToken: c.ProgressToken()}
	}})
	if err != nil {
		return nil, err
	}
	if filed.Replay != nil {
		return idempotency.Replay[*intakev1.PublicCase](s.Idem, key, *filed.Replay)
	}
	answer, ok := filed.Answer.(*intakev1.PublicCase)
	if !ok {
		return nil, errors.New("api: a filing without an answer")
	}
	return answer, nil
}

// checkForm refuses what machines send, and what nobody could answer.
func checkForm(req *intakev1.CreatePublicCaseRequest) error {
	customer := req.GetCustomer()
	links := strings.Count(strings.ToLower(req.GetProblem()+req.GetExpectation()), "://")
	switch {
	case req.GetWebsite() != "" || links > maxLinks:
		return errForm.New()
	case customer.GetPhone() == "" && customer.GetEmail() == "":
		return apierr.Invalid("customer.phone", "请填写电话或邮箱,以便答复", "a phone or an e-mail address is needed for the answer")
	case customer.GetCustomer() != "":
		return apierr.Invalid("customer.customer", "公开表单不能指定客户账号", "is not for the public form")
	}
	return nil
}
