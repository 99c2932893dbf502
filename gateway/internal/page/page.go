// Package page is the plain page at "/": it says in Chinese or English where things are. No scripts, nothing from elsewhere.
package page

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// text is the page in one language.
type text struct {
	Lang, Title, Intro, Where, Other string
	Links                            []link
}

type link struct{ Path, What string }

var texts = map[string]text{
	apierr.ZH: {
		Lang: "zh-CN", Title: "售后服务套件", Intro: "这里是接口网关。业务接口为 JSON,路径以 /v1 开头。", Where: "从哪里开始", Other: "English: Accept-Language: en",
		Links: []link{
			{"/openapi.json", "全部接口的 OpenAPI 文档"},
			{"/v1/auth:login", "员工登录(POST {username, password})"},
			{"/v1/cases", "工单:合作方用签名请求创建(POST),员工用令牌查询(GET)"},
			{"/oauth2/token", "合作方换取访问令牌(客户端凭证)"},
			{"/v1/events", "事件流:每一次变化,按游标顺序,不遗漏"},
			{"/healthz", "进程存活"},
			{"/readyz", "可以接收请求"},
		},
	},
	apierr.EN: {
		Lang: "en", Title: "Aftersales", Intro: "This is the gateway. The API is JSON; its paths begin with /v1.", Where: "Where to begin", Other: "中文:Accept-Language: zh-CN",
		Links: []link{
			{"/openapi.json", "OpenAPI document of every call"},
			{"/v1/auth:login", "staff sign in (POST {username, password})"},
			{"/v1/cases", "cases: partners file with signed requests (POST), staff read with a token (GET)"},
			{"/oauth2/token", "partners get an access token (client credentials)"},
			{"/v1/events", "feed: every change, in cursor order, nothing skipped"},
			{"/healthz", "the process lives"},
			{"/readyz", "it can take requests"},
		},
	},
}

var layout = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}
code{background:#f2f2f2;padding:.1em .35em;border-radius:3px}li{margin:.4rem 0}footer{color:#666;margin-top:2rem}</style></head>
<body><h1>{{.Title}}</h1><p>{{.Intro}}</p><h2>{{.Where}}</h2>
<ul>{{range .Links}}<li><a href="{{.Path}}"><code>{{.Path}}</code></a> — {{.What}}</li>
{{end}}</ul><footer>{{.Other}}</footer></body></html>
`))

// Handler serves the page.
func Handler() http.Handler {
	pages := make(map[string][]byte, len(texts))
	for locale, t := range texts {
		var b bytes.Buffer
		if err := layout.Execute(&b, t); err != nil {
			panic(err) // the template and its data are constants
		}
		pages[locale] = b.Bytes()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := pages[apierr.Locale(r.Header.Get("Accept-Language"))]
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Vary", "Accept-Language")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the reader went away
	})
}
