package knowledge

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// State is where the latest version of an article stands.
type State string

// States.
const (
	Draft     State = "DRAFT"
	InReview  State = "IN_REVIEW"
	Published State = "PUBLISHED"
	Retired   State = "RETIRED"
)

// States lists them.
var States = []State{Draft, InReview, Published, Retired}

// Verb is what is done to an article.
type Verb string

// Verbs.
const (
	Update  Verb = "update"
	Submit  Verb = "submit"
	Publish Verb = "publish"
	Return  Verb = "return"
	Retire  Verb = "retire"
)

// Rules are all transitions: verb, from, to.
var Rules = map[Verb]map[State]State{
	Update:  {Draft: Draft, Published: Draft, Retired: Draft},
	Submit:  {Draft: InReview},
	Publish: {InReview: Published},
	Return:  {InReview: Draft},
	Retire:  {Draft: Retired, Published: Retired},
}

// What an article may answer instead of doing what is asked.
var (
	// ErrState is a verb in the wrong state; metadata: state, verb.
	ErrState = apierr.Define(codes.FailedPrecondition, "ARTICLE_STATE_INVALID",
		"文章处于 {state},不能执行 {verb}", "the article is {state}: {verb} is not possible")
	// ErrReviewer is a review of one's own text.
	ErrReviewer = apierr.Define(codes.FailedPrecondition, "REVIEWER_NOT_INDEPENDENT",
		"作者不能审核自己的文章", "who wrote it does not review it")
	// ErrIncomplete is an article without title, problem and solution in one language.
	ErrIncomplete = apierr.Define(codes.FailedPrecondition, "ARTICLE_INCOMPLETE",
		"至少一种语言须有标题、问题与解决办法", "title, problem and solution are needed in one language")
	// ErrCaseOpen is a draft from a case without a solution yet; metadata: state.
	ErrCaseOpen = apierr.Define(codes.FailedPrecondition, "ARTICLE_CASE_OPEN",
		"案件处于 {state},解决后才能整理成文章", "the case is {state}: an article is drawn from resolved ones")
	// ErrCaseConfidential is a draft from a confidential case.
	ErrCaseConfidential = apierr.Define(codes.FailedPrecondition, "ARTICLE_CASE_CONFIDENTIAL",
		"保密案件不能整理成文章", "no article is drawn from a confidential case")
	// ErrCaseForeign is a draft from a case of another organisation.
	ErrCaseForeign = apierr.Define(codes.PermissionDenied, "ARTICLE_CASE_NOT_OWNED",
		"只能由案件所属组织整理成文章", "the organisation that owns the case draws articles from it")
)

// Text is an article in one language.
type Text struct {
	Title    string `json:"title,omitempty"`
	Problem  string `json:"problem,omitempty"`
	Solution string `json:"solution,omitempty"`
}

func (t Text) complete() bool { return t.Title != "" && t.Problem != "" && t.Solution != "" }

// Content is what a version says.
type Content struct {
	ZH           Text           `json:"zh,omitzero"`
	EN           Text           `json:"en,omitzero"`
	Brand        string         `json:"brand,omitempty"`
	Model        string         `json:"model,omitempty"`
	Fault        string         `json:"fault,omitempty"` // code of a cause
	ContentClass string         `json:"class,omitempty"`
	Keywords     []string       `json:"keywords,omitempty"`
	Removed      map[string]int `json:"removed,omitempty"` // personal data that was taken out, by kind
}

// Version is one text of an article.
type Version struct {
	Number   int
	Author   string
	Reviewer string
	Note     string // what the review said
	Created  time.Time
	Content
}

// Article is a typical problem with its solution. Fields are changed by its methods only.
type Article struct {
	ID, Org   string
	State     State
	Latest    Version
	Authors   []string // of all versions since the published one
	Published int      // version; 0 when none is
	Revision  int64    // counts saved changes, from 1
	FromCase  string   // cases/…

	PublishedAt, Created, Updated time.Time
	Uses, Helped, NotHelped       int
}

// New is an article with its first version.
func New(id, org, author, fromCase string, content Content, at time.Time) *Article {
	return &Article{
		ID: id, Org: org, State: Draft, Revision: 1, FromCase: fromCase, Created: at, Updated: at, Authors: []string{author},
		Latest: Version{Number: 1, Author: author, Created: at, Content: content},
	}
}

// Name is "articles/<id>".
func (a *Article) Name() string { return "articles/" + a.ID }

// Etag is what a reader gives back to write on the basis of what was read.
func (a *Article) Etag() string { return strconv.FormatInt(a.Revision, 10) }

func (a *Article) move(verb Verb, at time.Time) error {
	to, ok := Rules[verb][a.State]
	if !ok {
		return ErrState.New("state", string(a.State), "verb", string(verb))
	}
	a.State, a.Updated = to, at
	return nil
}

// Write makes the next version.
func (a *Article) Write(author string, content Content, at time.Time) error {
	published := a.State == Published
	if err := a.move(Update, at); err != nil {
		return err
	}
	if published {
		a.Authors = nil
	}
	if !slices.Contains(a.Authors, author) {
		a.Authors = append(a.Authors, author)
	}
	a.Latest = Version{Number: a.Latest.Number + 1, Author: author, Created: at, Content: content}
	return nil
}

// Submit asks for the review.
func (a *Article) Submit(at time.Time) error {
	if _, ok := Rules[Submit][a.State]; ok && !a.Latest.ZH.complete() && !a.Latest.EN.complete() {
		return ErrIncomplete.New()
	}
	return a.move(Submit, at)
}

// Publish approves the latest version; who wrote any part of what is new does not.
func (a *Article) Publish(reviewer, note string, at time.Time) error {
	if _, ok := Rules[Publish][a.State]; ok && slices.Contains(a.Authors, reviewer) {
		return ErrReviewer.New()
	}
	if err := a.move(Publish, at); err != nil {
		return err
	}
	a.Latest.Reviewer, a.Latest.Note = reviewer, note
	a.Published, a.PublishedAt = a.Latest.Number, at
	return nil
}

// GiveBack returns the latest version to its author.
func (a *Article) GiveBack(reviewer, note string, at time.Time) error {
	if err := a.move(Return, at); err != nil {
		return err
	}
	a.Latest.Reviewer, a.Latest.Note = reviewer, note
	return nil
}

// Retire takes the article out of use; nobody finds it any more.
func (a *Article) Retire(by, note string, at time.Time) error {
	if err := a.move(Retire, at); err != nil {
		return err
	}
	a.Latest.Reviewer, a.Latest.Note = by, note
	a.Published, a.PublishedAt = 0, time.Time{}
	return nil
}

// Fields of a version that may be changed apart.
var Fields = []string{"zh", "en", "brand", "model", "fault", "content_class", "keywords"}

// Merge takes the named fields of other; none means all.
func (c Content) Merge(other Content, fields []string) Content {
	if len(fields) == 0 {
		fields = Fields
	}
	for _, f := range fields {
		switch f {
		case "zh":
			c.ZH = other.ZH
		case "en":
			c.EN = other.EN
		case "brand":
			c.Brand = other.Brand
		case "model":
			c.Model = other.Model
		case "fault":
			c.Fault = other.Fault
		case "content_class":
			c.ContentClass = other.ContentClass
		case "keywords":
			c.Keywords = other.Keywords
		}
	}
	return c
}

// Titles are what counts most in a search; Body is the rest.
func (c *Content) Titles() []string {
	return append([]string{c.ZH.Title, c.EN.Title, c.Brand, c.Model}, c.Keywords...)
}

// Body is the text below the title.
func (c *Content) Body() []string {
	return []string{c.ZH.Problem, c.ZH.Solution, c.EN.Problem, c.EN.Solution}
}

// trim takes the space around texts away.
func (t Text) trim() Text {
	return Text{strings.TrimSpace(t.Title), strings.TrimSpace(t.Problem), strings.TrimSpace(t.Solution)}
}
