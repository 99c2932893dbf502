package identity

import (
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of identity.
var (
	ErrLogin       = apierr.Define(codes.Unauthenticated, "LOGIN_FAILED", "用户名或密码错误", "user name or password is wrong")
	ErrWeak        = apierr.Define(codes.InvalidArgument, "PASSWORD_WEAK", "密码过于简单", "the password is too simple")
	ErrUserExists  = apierr.Define(codes.AlreadyExists, "USER_EXISTS", "用户名 {username} 已存在", "the user name {username} is taken")
	ErrSelf        = apierr.Define(codes.FailedPrecondition, "USER_SELF", "不能停用自己的账号", "one cannot disable one's own account")
	ErrOrgExists   = apierr.Define(codes.AlreadyExists, "ORGANISATION_EXISTS", "组织 {name} 已存在", "{name} exists")
	ErrPartner     = apierr.Define(codes.AlreadyExists, "PARTNER_EXISTS", "合作方 {name} 已存在", "{name} exists")
	ErrKeysFull    = apierr.Define(codes.FailedPrecondition, "PARTNER_KEYS_FULL", "该合作方已有两个有效密钥,请先吊销一个", "the partner has two live keys; revoke one first")
	ErrAddress     = apierr.Define(codes.PermissionDenied, "ADDRESS_NOT_ALLOWED", "不允许从该地址调用", "calls from this address are not allowed")
	ErrTimestamp   = apierr.Define(codes.Unauthenticated, "SIGNATURE_TIMESTAMP", "签名时间与服务器时间 {serverTime} 相差超过 300 秒", "the signature's timestamp is more than 300 s from the server's time {serverTime}")
	ErrNonce       = apierr.Define(codes.Unauthenticated, "SIGNATURE_NONCE_USED", "nonce 已被使用,请用新的 nonce 重新签名", "the nonce was used before; sign again with a new one")
	ErrOnBehalf    = apierr.Define(codes.PermissionDenied, "ON_BEHALF_OF_NOT_ALLOWED", "没有代客户操作的权限", "the caller may not act for a customer")
	ErrOnBehalfBad = apierr.Define(codes.InvalidArgument, "ON_BEHALF_OF_INVALID", "X-On-Behalf-Of 格式错误,例如 wechat:<openid>", "X-On-Behalf-Of is malformed; e.g. wechat:<openid>")
)
