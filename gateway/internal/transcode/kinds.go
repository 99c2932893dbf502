package transcode

import (
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of the HTTP surface.
var (
	ErrFieldUnknown = apierr.Define(codes.InvalidArgument, "FIELD_UNKNOWN", "请求中有未知字段", "the request has a field that is not known")
	ErrJSON         = apierr.Define(codes.InvalidArgument, "JSON_INVALID", "请求体不是有效的 JSON(第 {offset} 字节处)", "the body is not valid JSON (at byte {offset})")
	ErrDepth        = apierr.Define(codes.InvalidArgument, "JSON_TOO_DEEP", "JSON 嵌套超过 {limit} 层", "the JSON is nested deeper than {limit} levels")
	ErrContentType  = apierr.Define(codes.InvalidArgument, "CONTENT_TYPE_UNSUPPORTED", "不支持的内容类型 {value},请使用 application/json(UTF-8)", "{value} is not supported; send application/json in UTF-8")
	ErrBodyUnread   = apierr.Define(codes.InvalidArgument, "BODY_INCOMPLETE", "请求体不完整", "the body ended early")
	ErrQuery        = apierr.Define(codes.InvalidArgument, "QUERY_INVALID", "查询参数格式错误", "the query string is malformed")
	ErrRoute        = apierr.Define(codes.NotFound, "ROUTE_UNKNOWN", "没有该接口:{path}", "nothing answers at {path}")
	ErrHTTPMethod   = apierr.Define(codes.Unimplemented, "HTTP_METHOD_NOT_ALLOWED", "该地址不支持 {method} 方法", "{method} is not allowed here")
	ErrPath         = apierr.Define(codes.InvalidArgument, "PATH_INVALID", "请求路径格式错误", "the request path is malformed")
	ErrTimeout      = apierr.Define(codes.InvalidArgument, "GRPC_TIMEOUT_INVALID", "Grpc-Timeout 格式错误", "Grpc-Timeout is malformed")
	ErrKeyShape     = apierr.Define(codes.InvalidArgument, "IDEMPOTENCY_KEY_INVALID", "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符", "Idempotency-Key must be 1 to 128 visible ASCII characters")
	ErrKeyConflict  = apierr.Define(codes.Aborted, "IDEMPOTENCY_KEY_CONFLICT", "Idempotency-Key 与 requestId 不一致", "Idempotency-Key and requestId differ")
)
