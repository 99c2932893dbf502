package shipped

import (
	"math"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// domains are the three subjects of the licensed texts, told by their words.
var domains = [][]string{
	strings.Fields("书 作者 阅读 内容 故事 小说 孩子 宝宝 当当 印刷 纸张 出版 文字 翻译 读 看完 情节 绘本"),
	strings.Fields("电脑 笔记本 本本 屏幕 键盘 内存 硬盘 系统 驱动 散热 京东 显卡 电池 机器 CPU cpu XP xp vista 配置 触摸板 光驱 鼠标 喇叭 USB 机子 摄像头"),
	strings.Fields("酒店 房间 前台 入住 早餐 携程 宾馆 服务员 大堂 住 客房 标间 卫生间 大床 退房 空调 地毯"),
}

// domainOf tells a text's subject by its own words and those of its neighbours: reviews are spread over several lines.
func domainOf(lines []string, i int) int {
	best, at := 0.0, 0
	for d, words := range domains {
		score := 0.0
		for j := max(0, i-4); j <= min(len(lines)-1, i+4); j++ {
			weight := 0.25
			if j == i {
				weight = 1
			}
			for _, w := range words {
				if strings.Contains(lines[j], w) {
					score += weight
				}
			}
		}
		if score > best {
			best, at = score, d
		}
	}
	return at
}

// focus tells for every bucket how much it belongs to one subject: 1 when only one subject's texts have it, 0 when all
// have it alike, and less the more the own reviews of other subjects have it.
func focus(texts []licensed, own []linear.Example) []float32 {
	rates, totals := make([][3]float64, linear.Buckets), [3]float64{1, 1, 1}
	var x linear.Extractor
	for _, t := range texts {
		totals[t.domain]++
		x.Read(t.Text)
		for _, h := range x.Set {
			rates[h][t.domain]++
		}
	}
	others := make([]float64, linear.Buckets)
	for _, e := range own {
		x.Read(e.Text)
		for _, h := range x.Set {
			others[h] += 1 / float64(len(own))
		}
	}
	out := make([]float32, linear.Buckets)
	for h := range out {
		var sum, top float64
		for d := range totals {
			r := rates[h][d] / totals[d]
			sum, top = sum+r, math.Max(top, r)
		}
		if sum > 0 {
			share := (top/sum*3 - 1) / 2 * sum / (sum + 3*others[h])
			out[h] = float32(share*share + 0.02)
		}
	}
	return out
}
