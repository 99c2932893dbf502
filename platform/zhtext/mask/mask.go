// Package mask makes personal data in Chinese text unreadable before the text leaves the process: phone numbers,
// identity and bank card numbers, e-mail and messenger addresses, names and street addresses. It errs towards masking.
package mask

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Kind tells what was masked.
type Kind string

// The kinds of personal data.
const (
	Phone    Kind = "PHONE"
	Identity Kind = "IDENTITY"
	Card     Kind = "CARD"
	Mail     Kind = "MAIL"
	Account  Kind = "ACCOUNT"
	Name     Kind = "NAME"
	Address  Kind = "ADDRESS"
)

// Found is a stretch of personal data in the original text.
type Found struct {
	Kind Kind
	Span normalize.Span
}

// pattern finds one kind; group 1 is what is masked. Digits may be parted by a space or a hyphen.
type pattern struct {
	kind Kind
	re   *regexp.Regexp
}

const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝欧阳上官司马诸葛"

var patterns = []pattern{
	{Mail, regexp.MustCompile(`([a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,10})`)},
	{Identity, regexp.MustCompile(`(?:^|[^0-9])([1-8][0-9]{5}[ -]?(?:19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}[0-9x])`)},
	{Phone, regexp.MustCompile(`(?:^|[^0-9])((?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?:[^0-9]|$)`)},
	{Phone, regexp.MustCompile(`(?:^|[^0-9])(\(?0[1-9][0-9]{1,2}\)?[ -]?[2-9][0-9]{6,7}(?:-[0-9]{1,5})?)(?:[^0-9]|$)`)},
	{Phone, regexp.MustCompile(`(?:电话|手机|号码|致电|联系)[^0-9]{0,4}([2-9][0-9]{6,7})(?:[^0-9]|$)`)},
	{Card, regexp.MustCompile(`(?:^|[^0-9])([3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3,7})(?:[^0-9]|$)`)},
	{Account, regexp.MustCompile(`(?:微信号?|wechat|vx|qq号?|支付宝账?号?)[:： 是为]{0,3}([a-z0-9_@.-]{5,40})`)},
	{Name, regexp.MustCompile(`(?:我叫|我是|姓名|名字叫|名字是|联系人|收货人|收件人|用户名|机主|户主|签收人|报修人|投诉人|本人)[:：是为叫 ]{0,2}([` + surnames + `]\p{Han}{1,2})(?:[,.!;: 的电住手在(]|$|先生|女士|小姐)`)},
	{Name, regexp.MustCompile(`([` + surnames + `]\p{Han}{0,2}?)(?:先生|女士|小姐|太太|阿姨|大爷|大妈|师傅|工程师|经理|主任|老师|教授|医生|律师|老板)`)},
	{Name, regexp.MustCompile(`(?:工程师|师傅|客服|经理|店长|维修员|服务员|销售|医生)[:：叫是]{1,2}([` + surnames + `]\p{Han}{1,2})(?:[,.!;: ]|$)`)},
	{Address, regexp.MustCompile(`(\p{Han}{1,10}?(?:路|街|大道|巷|弄|胡同|道)[0-9一二三四五六七八九十百甲乙]{1,6}(?:号院?|弄|巷)?(?:[0-9a-z\p{Han}-]{0,12}?(?:[0-9a-z一二三四五六七八九十]{1,5}(?:号楼|栋|幢|座|单元|楼|层|室|号|户)))*[0-9]{0,5})`)},
	{Address, regexp.MustCompile(`(\p{Han}{2,10}?(?:小区|花园|公寓|家园|新村|大厦|广场|苑|宿舍|村)[0-9a-z一二三四五六七八九十-]{0,5}(?:号楼|栋|幢|座|期|区|单元|号|组)(?:[0-9a-z一二三四五六七八九十-]{1,5}(?:单元|楼|层|室|号|户)?)*[0-9]{0,5})`)},
	{Address, regexp.MustCompile(`([0-9]{1,3}(?:号楼|栋|幢|座)[0-9a-z一二三四五六七八九十-]{0,5}(?:单元)?[0-9]{2,5}(?:室|号|户)?)`)},
}

// Find tells where personal data stands in text; stretches do not overlap and come in order.
func Find(text string) []Found {
	t := normalize.New(text, normalize.Rules{})
	s := t.String()
	var all []Found
	for _, p := range patterns {
		for _, m := range p.matches(s) {
			i := utf8.RuneCountInString(s[:m[0]])
			j := i + utf8.RuneCountInString(s[m[0]:m[1]])
			if p.kind == Name && notName(s[m[0]:m[1]]) {
				continue
			}
			all = append(all, Found{p.kind, t.Span(i, j)})
		}
	}
	slices.SortStableFunc(all, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(b.Span.End, a.Span.End))
	})
	return join(all)
}

// matches gives the byte ranges of group 1. The sign that bounds one number may bound the next as well, so that the
// search goes on right behind the group and not behind the match.
func (p pattern) matches(s string) [][2]int {
	var all [][2]int
	for from := 0; from < len(s); {
		m := p.re.FindStringSubmatchIndex(s[from:])
		if m == nil || m[3] <= m[2] {
			break
		}
		all = append(all, [2]int{from + m[2], from + m[3]})
		from += m[3]
	}
	return all
}

// notNames begin like a name and are none.
var notNames = []string{"高级", "金牌", "温馨", "安装", "成功", "明天", "全国", "方便", "白天", "时候", "和", "何", "应该", "连", "关于", "单", "安全", "包装", "全部", "向", "师", "于", "时", "解", "管", "成", "全", "明", "应", "和师", "文明"}

func notName(s string) bool {
	return slices.ContainsFunc(notNames, func(w string) bool {
		return s == w || len(w) > 3 && strings.HasPrefix(s, w)
	})
}

// join leaves out what lies inside or overlaps an earlier stretch, which it lengthens.
func join(all []Found) []Found {
	kept := all[:0]
	for _, f := range all {
		if n := len(kept); n > 0 && f.Span.Start < kept[n-1].Span.End {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

// Text gives text with personal data made unreadable: 138****5678, 王*, 世****.
func Text(text string) string {
	found := Find(text)
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.Span.Start])
		b.WriteString(hidden(f))
		at = f.Span.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// hidden leaves of a number its ends, of a name the family name, of an address nothing.
func hidden(f Found) string {
	r := []rune(f.Span.Text)
	switch {
	case f.Kind == Phone && len(r) >= 9:
		return string(r[:3]) + "****" + string(r[len(r)-4:])
	case f.Kind == Phone:
		return "****" + string(r[len(r)-2:])
	case f.Kind == Identity && len(r) >= 15:
		return string(r[:3]) + strings.Repeat("*", len(r)-5) + string(r[len(r)-2:])
	case f.Kind == Card:
		return "****" + string(r[len(r)-4:])
	case f.Kind == Name:
		return string(r[:1]) + strings.Repeat("*", max(1, len(r)-1))
	case f.Kind == Mail || f.Kind == Account:
		return string(r[:1]) + "***"
	}
	return "****"
}
