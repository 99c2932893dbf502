package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/sheet"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/zhtext/mask"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// unreadable makes personal data within words unreadable.
func unreadable(text string) string { return mask.Text(text) }

const (
	importRows     = 10_000
	importStep     = 64 // rows that one report takes
	importPatience = time.Minute
)

// ImportArgs is the job of an import.
type ImportArgs struct {
	ID string `json:"id"`
}

// Kind implements river.JobArgs.
func (ImportArgs) Kind() string { return "intake.case_import" }

// columns are what a heading may say, and where its cells go.
var columns = map[string]func(c *intakev1.Case, cell string){
	"kind":         func(c *intakev1.Case, v string) { c.Kind = intakev1.Case_Kind(intakev1.Case_Kind_value[kindOf(v)]) },
	"channel":      func(c *intakev1.Case, v string) { c.Channel = v },
	"customer":     func(c *intakev1.Case, v string) { person1(c).DisplayName = v },
	"phone":        func(c *intakev1.Case, v string) { person1(c).Phone = strings.TrimPrefix(v, "'") },
	"email":        func(c *intakev1.Case, v string) { person1(c).Email = v },
	"region":       func(c *intakev1.Case, v string) { address1(c).RegionCode = v },
	"address":      func(c *intakev1.Case, v string) { address1(c).Line = v },
	"brand":        func(c *intakev1.Case, v string) { product1(c).Brand = v },
	"model":        func(c *intakev1.Case, v string) { product1(c).Model = v },
	"serial":       func(c *intakev1.Case, v string) { product1(c).SerialNumber = v },
	"purchaseDate": func(c *intakev1.Case, v string) { product1(c).PurchaseDate = v },
	"problem":      func(c *intakev1.Case, v string) { c.Problem = v },
	"expectation":  func(c *intakev1.Case, v string) { c.Expectation = v },
	"urgency":      func(c *intakev1.Case, v string) { c.Urgency = v },
	"orderId":      func(c *intakev1.Case, v string) { ref1(c).OrderId = v },
	"platform":     func(c *intakev1.Case, v string) { ref1(c).Platform = v },
	"afterSaleId":  func(c *intakev1.Case, v string) { ref1(c).AfterSaleId = v },
}

// headings are other ways to write a column.
var headings = map[string]string{
	"类型": "kind", "渠道": "channel", "客户": "customer", "客户姓名": "customer", "姓名": "customer", "电话": "phone", "联系电话": "phone", "手机": "phone", "邮箱": "email",
	"地区": "region", "地区代码": "region", "地址": "address", "品牌": "brand", "型号": "model", "序列号": "serial", "serial number": "serial", "购买日期": "purchaseDate",
	"purchase date": "purchaseDate", "问题": "problem", "问题描述": "problem", "期望": "expectation", "紧急程度": "urgency", "订单号": "orderId", "order id": "orderId",
	"平台": "platform", "售后单号": "afterSaleId", "帖子编号": "afterSaleId", "post id": "afterSaleId",
}

func column(heading string) string {
	if name, ok := headings[strings.ToLower(heading)]; ok {
		return name
	}
	for name := range columns {
		if strings.EqualFold(name, heading) {
			return name
		}
	}
	return ""
}

func kindOf(cell string) string {
	for code, l := range kindLabels {
		if cell == l.zh || strings.EqualFold(cell, l.en) {
			return code
		}
	}
	return strings.ToUpper(cell)
}

func person1(c *intakev1.Case) *intakev1.Customer {
	if c.Customer == nil {
		c.Customer = &intakev1.Customer{}
	}
	return c.Customer
}

func address1(c *intakev1.Case) *commonv1.Address {
	if p := person1(c); p.Address == nil {
		p.Address = &commonv1.Address{}
	}
	return c.Customer.Address
}

func product1(c *intakev1.Case) *intakev1.Product {
	if c.Product == nil {
		c.Product = &intakev1.Product{}
	}
	return c.Product
}

func ref1(c *intakev1.Case) *commonv1.ExternalRef {
	if c.ExternalRef == nil {
		c.ExternalRef = &commonv1.ExternalRef{}
	}
	return c.ExternalRef
}

// caseOf reads a row; nothing is believed yet.
func caseOf(header, row []string, channel string) *intakev1.Case {
	c := &intakev1.Case{Kind: intakev1.Case_COMPLAINT, Channel: channel}
	for n, cell := range row {
		if n < len(header) && cell != "" {
			if set, ok := columns[column(header[n])]; ok {
				set(c, cell)
			}
		}
	}
	return c
}

// CreateCaseImport implements intakev1.CaseTransferServiceServer.
func (s transferService) CreateCaseImport(ctx context.Context, req *intakev1.CreateCaseImportRequest) (*intakev1.CaseImport, error) {
	in, caller := req.GetCaseImport(), auth.FromContext(ctx)
	if err := errors.Join(plain(map[string]string{"case_import.file_name": in.GetFileName()}), s.Codes.Check(codes.Channel, in.GetChannel())); err != nil {
		return nil, err
	}
	table, err := sheet.Read(in.GetFileName(), in.GetContent())
	if err != nil {
		return nil, apierr.Invalid("case_import.content", "无法读取该文件", "the file cannot be read")
	}
	unknown := slices.DeleteFunc(slices.Clone(table.Header), func(h string) bool { return column(h) != "" })
	if len(unknown) == len(table.Header) || len(table.Rows) == 0 || len(table.Rows) > importRows {
		return nil, apierr.Invalid("case_import.content", "须有可识别的表头,且行数为 1 到 10000", "a known heading and 1 to 10,000 rows are needed")
	}
	now := s.Clock.Now()
	made := store.Import{
		ID: newID(), Org: caller.Org, Creator: caller.Subject, Acting: store.Acting{Roles: caller.Roles, Orgs: caller.Orgs}, Locale: grpcx.Locale(ctx),
		FileName: in.GetFileName(), DryRun: in.GetDryRun(), Channel: cmp.Or(in.GetChannel(), "INTERNAL"), Total: int64(len(table.Rows)), Unknown: unknown,
		Created: now, Updated: now, Content: in.GetContent(),
	}
	var answer *intakev1.CaseImport
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
		answer, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.CaseImport, error) {
			if err := s.Cases.AddImport(ctx, tx, made); err != nil {
				return nil, err
			}
			return importOf(made), tx.Enqueue(ctx, ImportArgs{ID: made.ID}, nil)
		})
		return err
	})
	return answer, err
}

// RunImport works on an import from where it stands. Rows that are filed but not reported yet are found by their claim, so that
// a stop in between doubles none.
func (s *Server) RunImport(ctx context.Context, args ImportArgs) error {
	i, err := s.Cases.Import(ctx, s.DB, args.ID)
	if err != nil || i.Done {
		return err
	}
	table, err := sheet.Read(i.FileName, i.Content)
	if err != nil {
		return err
	}
	known, err := s.Cases.ImportRows(ctx, s.DB, i.ID, 0, importRows)
	if err != nil {
		return err
	}
	done := map[int64]bool{}
	for _, r := range known {
		done[r.Row] = true
	}
	var open []int
	for n := range table.Rows {
		if !done[int64(n+2)] {
			open = append(open, n)
		}
	}
	for step := range slices.Chunk(open, importStep) {
		if err := s.importStep(ctx, i, table, step); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) importStep(ctx context.Context, i store.Import, table *sheet.Table, step []int) error {
	reports, failed := make([]store.ImportRow, len(step)), make([]error, len(step))
	var all sync.WaitGroup
	for n, row := range step {
		all.Go(func() {
			reports[n], failed[n] = s.importRow(ctx, i, row+2, caseOf(table.Header, table.Rows[row], i.Channel))
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx sqldb.Tx) error { return s.Cases.ReportRows(ctx, tx, i.ID, reports, s.Clock.Now()) })
}

// importRow files or checks one row. What the row itself is to blame for is its report; everything else is an error, and the
// row is tried again.
func (s *Server) importRow(ctx context.Context, i store.Import, row int, m *intakev1.Case) (store.ImportRow, error) {
	report := store.ImportRow{Row: int64(row)}
	id, err := s.importCase(ctx, i, row, m)
	if err == nil {
		report.Good, report.CaseID = true, id
		return report, nil
	}
	e := apierr.From(err)
	switch e.Kind().Code().String() {
	case "InvalidArgument", "FailedPrecondition", "AlreadyExists":
		report.Reason, report.Message = e.Kind().Reason(), excerpt(e.Text(i.Locale), excerptRunes)
		return report, nil
	}
	return report, err
}

func (s *Server) importCase(ctx context.Context, i store.Import, row int, m *intakev1.Case) (string, error) {
	m.Channel, m.Urgency = s.Codes.Read(codes.Channel, m.GetChannel()), s.Codes.Read(codes.Urgency, m.GetUrgency())
	if err := grpcx.Validate(&intakev1.CreateCaseRequest{Case: m}); err != nil {
		return "", err
	}
	c, err := s.draft(m)
	if err != nil {
		return "", err
	}
	by := casefile.Actor{Name: i.Creator, Kind: casefile.ActorStaff, Roles: i.Acting.Roles, Org: i.Org}
	change, err := opened(s.momentOf(by), c)
	if err != nil || i.DryRun {
		return "", err
	}
	// A row with a reference of its own is one case whatever file it comes in; others are one case by file and row.
	claim := &store.Claim{Partner: i.Org + "/imports/" + i.ID, Platform: "ROW", AfterSaleID: strconv.Itoa(row), CaseID: c.ID}
	if ref := m.GetExternalRef(); ref.GetAfterSaleId() != "" {
		claim.Partner, claim.Platform, claim.AfterSaleID = i.Org+"/imports", ref.GetPlatform(), ref.GetAfterSaleId()
	}
	sum := sha256.Sum256([]byte(claim.AfterSaleID))
	claim.Digest = sum[:]
	filed, err := s.Filer.File(ctx, ledger.Filing{Case: c, Change: change, Claim: claim, Answer: func(c *casefile.Case) proto.Message {
		return &intakev1.PublicCase{CaseNumber: c.Number}
	}})
	if err != nil {
		return "", err
	}
	if filed.Owner != nil {
		return filed.Owner.CaseID, nil
	}
	return c.ID, nil
}

// SweepImports goes on with imports whose job was lost.
func (s *Server) SweepImports(ctx context.Context) error {
	ids, err := s.Cases.StaleImports(ctx, s.DB, s.Clock.Now().Add(-importPatience))
	for _, id := range ids {
		err = errors.Join(err, s.RunImport(ctx, ImportArgs{ID: id}))
	}
	return err
}

// mine answers an import to who made it, and to managers of the organisation.
func (s *Server) mine(ctx context.Context, name string) (store.Import, error) {
	caller := auth.FromContext(ctx)
	i, err := s.Cases.Import(ctx, s.DB, lastID(name))
	if err == nil && i.Creator != caller.Subject && !(caller.Has(auth.RoleManager) && slices.Contains(caller.Sees(), i.Org)) {
		err = apierr.NotFound(name)
	}
	return i, err
}

// GetCaseImport implements intakev1.CaseTransferServiceServer.
func (s transferService) GetCaseImport(ctx context.Context, req *intakev1.GetCaseImportRequest) (*intakev1.CaseImport, error) {
	i, err := s.mine(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	return importOf(i), nil
}

// ListCaseImportRows implements intakev1.CaseTransferServiceServer.
func (s transferService) ListCaseImportRows(ctx context.Context, req *intakev1.ListCaseImportRowsRequest) (*intakev1.ListCaseImportRowsResponse, error) {
	i, err := s.mine(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	after, err := strconv.ParseInt("0"+page.after, 10, 64)
	if err != nil {
		return nil, listing.ErrPageToken.New()
	}
	rows, err := s.Cases.ImportRows(ctx, s.DB, i.ID, after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(r store.ImportRow) string { return strconv.FormatInt(r.Row, 10) })
	resp := &intakev1.ListCaseImportRowsResponse{NextPageToken: next}
	for _, r := range rows {
		m := &intakev1.ListCaseImportRowsResponse_Row{Row: int32(r.Row), Good: r.Good, Reason: r.Reason, Message: r.Message}
		if r.CaseID != "" {
			m.Case = "cases/" + r.CaseID
		}
		resp.Rows = append(resp.Rows, m)
	}
	return resp, nil
}

func importOf(i store.Import) *intakev1.CaseImport {
	m := &intakev1.CaseImport{
		Name: "caseImports/" + i.ID, FileName: i.FileName, DryRun: i.DryRun, Channel: i.Channel, State: intakev1.CaseImport_RUNNING, TotalRows: int32(i.Total),
		DoneRows: int32(i.DoneRows), GoodRows: int32(i.Good), BadRows: int32(i.DoneRows - i.Good), UnknownColumns: i.Unknown, Creator: i.Creator,
		CreateTime: at(i.Created), UpdateTime: at(i.Updated),
	}
	if i.Done {
		m.State = intakev1.CaseImport_DONE
	}
	return m
}
