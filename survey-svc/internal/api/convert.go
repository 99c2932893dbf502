package api

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// holderView is what the holder of a link may see: no contact, no organisations, no attempts.
func (c *Core) holderView(inv survey.Invitation, r *survey.Response, language string) *surveyv1.Invitation {
	out := commonView(inv, language)
	out.Case = "" // the number is what people read
	out.Questions = questionsOf(inv.Purpose, language)
	if c.Clock.Now().After(inv.Expire) && inv.State.Open() { // whether or not the sweeper has been by
		out.State, out.StateLabel = surveyv1.Invitation_EXPIRED, survey.Expired.Label(language)
	}
	if r != nil {
		out.Response = responseView(r, language)
	}
	return out
}

// staffView is what staff and services may see.
func (c *Core) staffView(inv survey.Invitation, p auth.Principal, with parts, language string) *surveyv1.Invitation {
	out := commonView(inv, language)
	out.OwnerOrg, out.ServingOrg, out.Reason, out.Etag = inv.OwnerOrg, inv.ServingOrg, inv.Reason, etag(inv.Version)
	if !hidden(inv, p) {
		out.Contact = contactView(inv.Contact.Masked())
	}
	if inv.CallBack != "" {
		out.CallBack = "callBacks/" + inv.CallBack
	}
	if c.ShowTokens {
		out.Token = inv.Token
	}
	if r := with.responses[inv.ID]; r != nil {
		out.Response = guarded(responseView(r, language), inv, p)
	}
	for _, a := range with.attempts[inv.ID] {
		out.Attempts = append(out.Attempts, attemptView(a))
	}
	return out
}

// hidden says whether the person is kept from p: a PROTECTED complainant from everybody but the owner's people.
func hidden(inv survey.Invitation, p auth.Principal) bool {
	return inv.Confidentiality == "PROTECTED" && p.Kind == auth.Staff && !slices.Contains(p.Sees(), inv.OwnerOrg)
}

// guarded takes the customer's words out where the person is hidden: they may tell who it is.
func guarded(r *surveyv1.Response, inv survey.Invitation, p auth.Principal) *surveyv1.Response {
	if !hidden(inv, p) {
		return r
	}
	r.Comment, r.NewClaim, r.FurtherQuestions = "", "", ""
	for _, t := range slices.Concat(r.Topics, r.Demands) {
		t.Evidence = ""
	}
	return r
}

func commonView(inv survey.Invitation, language string) *surveyv1.Invitation {
	return &surveyv1.Invitation{
		Name: "invitations/" + inv.ID, Case: inv.Case, CaseNumber: inv.CaseNumber, Round: int32(inv.Round),
		Purpose: purposeView(inv.Purpose), PurposeLabel: inv.Purpose.Label(language),
		State:      surveyv1.Invitation_State(surveyv1.Invitation_State_value[string(inv.State)]),
		StateLabel: inv.State.Label(language), Survey: "surveys/" + inv.Survey, Locale: inv.Locale,
		NotBefore: stamp(inv.NotBefore), ExpireTime: stamp(inv.Expire), CreateTime: stamp(inv.Created),
		DeliverTime: stamp(inv.Delivered), RespondTime: stamp(inv.Responded), AmendUntil: stamp(inv.AmendUntil),
	}
}

func purposeView(p survey.Purpose) surveyv1.Invitation_Purpose {
	return surveyv1.Invitation_Purpose(surveyv1.Invitation_Purpose_value[string(p)])
}

func questionsOf(p survey.Purpose, language string) []*surveyv1.Question {
	var out []*surveyv1.Question
	for _, q := range survey.QuestionnaireOf(p) {
		v := &surveyv1.Question{
			Field: q.Field, Kind: surveyv1.Question_Kind(surveyv1.Question_Kind_value[q.Kind]), Text: q.Text(language), Required: q.Required,
		}
		if v.Kind == surveyv1.Question_RATING {
			v.LowLabel, v.HighLabel = survey.ScaleLabels(language)
		}
		out = append(out, v)
	}
	return out
}

func responseView(r *survey.Response, language string) *surveyv1.Response {
	out := &surveyv1.Response{
		Name: "surveys/" + r.Survey + "/responses/" + r.ID, Invitation: "invitations/" + r.Invitation, Revision: int32(r.Revision),
		Solved: r.Solved, Satisfied: r.IsSatisfied(), SatisfiedTold: r.Satisfied != nil, MoreHelp: r.MoreHelp, NewClaim: r.NewClaim,
		Comment: r.Comment, NormalUse: r.NormalUse, FurtherQuestions: r.FurtherQuestions, Channel: string(r.Channel),
		Sentiment: r.Reading.Sentiment, SentimentLabel: survey.SentimentLabel(r.Reading.Sentiment, language),
		SentimentScore: r.Reading.Score, Topics: findingsView(r.Reading.Topics, language),
		Demands: findingsView(r.Reading.Demands, language), AnalysisModel: r.Reading.Model, CreateTime: stamp(r.Created),
		Ratings: make(map[string]int32, len(r.Ratings)),
	}
	for dimension, value := range r.Ratings {
		out.Ratings[dimension] = int32(value)
	}
	return out
}

func findingsView(list []survey.Finding, language string) []*surveyv1.TextTopic {
	var out []*surveyv1.TextTopic
	for _, f := range list {
		out = append(out, &surveyv1.TextTopic{Code: f.Code, Label: f.Label(language), Evidence: f.Evidence})
	}
	return out
}

func attemptView(a store.Attempt) *surveyv1.DeliveryAttempt {
	return &surveyv1.DeliveryAttempt{
		Number: int32(a.Number), Channel: a.Channel, Time: stamp(a.Start), Detail: a.Detail,
		Result: surveyv1.DeliveryAttempt_Result(surveyv1.DeliveryAttempt_Result_value[a.Result]),
	}
}

func contactView(c survey.Contact) *surveyv1.Contact {
	if c == (survey.Contact{}) {
		return nil
	}
	return &surveyv1.Contact{DisplayName: c.DisplayName, Phone: c.Phone, Email: c.Email, Wechat: c.WeChat}
}

func contactOf(c *surveyv1.Contact) survey.Contact {
	return survey.Contact{DisplayName: c.GetDisplayName(), Phone: c.GetPhone(), Email: c.GetEmail(), WeChat: c.GetWechat()}
}

// told is what RespondRequest and Answer have in common.
type told interface {
	GetSolved() bool
	GetMoreHelp() bool
	GetNewClaim() string
	GetRatings() map[string]int32
	GetComment() string
	GetFurtherQuestions() string
}

// answerOf reads an answer, whichever message it came in.
func answerOf(in told) survey.Answer {
	a := survey.Answer{
		Solved: in.GetSolved(), MoreHelp: in.GetMoreHelp(), NewClaim: in.GetNewClaim(), Comment: in.GetComment(),
		FurtherQuestions: in.GetFurtherQuestions(),
	}
	switch in := in.(type) { // whether an optional field was told is only in the field
	case *surveyv1.RespondRequest:
		a.Satisfied, a.NormalUse = in.Satisfied, in.NormalUse
	case *surveyv1.Answer:
		a.Satisfied, a.NormalUse = in.Satisfied, in.NormalUse
	}
	if len(in.GetRatings()) > 0 {
		a.Ratings = make(map[string]int, len(in.GetRatings()))
	}
	for dimension, value := range in.GetRatings() {
		a.Ratings[dimension] = int(value)
	}
	return a
}

// stamp leaves the zero time out.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
