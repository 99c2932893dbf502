package apierr

import "google.golang.org/grpc/codes"

// Kinds that every service shares. Domain packages declare their own beside
// their rules.
var (
	// ErrInvalid is a request that breaks a rule of its fields.
	ErrInvalid = Define(codes.InvalidArgument, "FIELD_INVALID", "请求内容无效", "the request is invalid")
	// ErrUnknownCode is a value outside a code table; metadata: axis, value, allowed.
	ErrUnknownCode = Define(codes.InvalidArgument, "CODE_UNKNOWN",
		"代码表 {axis} 中没有 {value},可用值:{allowed}", "{value} is not a code of {axis}; allowed: {allowed}")
	// ErrNotFound is a resource that is not there, or not there for this caller; metadata: name.
	ErrNotFound = Define(codes.NotFound, "RESOURCE_NOT_FOUND", "找不到 {name}", "{name} was not found")
	// ErrStale is a write on the basis of an old etag.
	ErrStale = Define(codes.Aborted, "ETAG_STALE", "数据已被他人修改,请刷新后重试", "the resource has changed since it was read")
	// ErrKeyReused is a request_id that was used for other content.
	ErrKeyReused = Define(codes.AlreadyExists, "IDEMPOTENCY_KEY_REUSED",
		"该请求编号已用于其他内容", "the request id was used for a request with other content")
	// ErrUnauthenticated is a caller who did not show who they are.
	ErrUnauthenticated = Define(codes.Unauthenticated, "UNAUTHENTICATED", "请先登录", "valid credentials are needed")
	// ErrForbidden is a caller who may not do this.
	ErrForbidden = Define(codes.PermissionDenied, "PERMISSION_DENIED", "没有执行该操作的权限", "the caller may not do this")
	// ErrRateLimited is a caller beyond their limit; carries RetryInfo.
	ErrRateLimited = Define(codes.ResourceExhausted, "RATE_LIMITED", "请求过于频繁,请稍后再试", "too many requests; try again later")
	// ErrOverloaded is a server that sheds load; carries RetryInfo.
	ErrOverloaded = Define(codes.ResourceExhausted, "OVERLOADED", "系统繁忙,请稍后再试", "the server is at its limit; try again later")
	// ErrUnavailable is a part that does not answer; repeating is harmless.
	ErrUnavailable = Define(codes.Unavailable, "UNAVAILABLE", "服务暂时不可用,请稍后再试", "temporarily unavailable; try again later")
	// ErrDeadline is a request that took longer than its caller would wait.
	ErrDeadline = Define(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "处理超时,请重试", "the deadline passed; the same request id may be repeated")
	// ErrCancelled is a request whose caller went away.
	ErrCancelled = Define(codes.Canceled, "CANCELLED", "请求已取消", "the caller cancelled the request")
	// ErrUnimplemented is a method that this server does not have.
	ErrUnimplemented = Define(codes.Unimplemented, "METHOD_UNKNOWN", "没有该接口", "there is no such method")
	// ErrTooLarge is a message or file beyond its limit; metadata: limit (bytes).
	ErrTooLarge = Define(codes.InvalidArgument, "TOO_LARGE", "内容超过 {limit} 字节的上限", "the content is larger than {limit} bytes")
	// ErrInternal is everything that is our fault.
	ErrInternal = Define(codes.Internal, "INTERNAL", "系统内部错误,请联系客服并提供请求编号", "internal error; please report the request id")
)

// NotFound says that the named resource (e.g. "cases/0192…") is not there.
func NotFound(name string) *Error { return ErrNotFound.New("name", name) }

// Invalid refuses one field; WithField adds more.
func Invalid(field, zh, en string) *Error { return ErrInvalid.New().WithField(field, zh, en) }
