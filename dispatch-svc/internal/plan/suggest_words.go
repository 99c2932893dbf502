package plan

import "fmt"

// say puts a text for people into the query's language; it is looked up by its English form.
func (j *judge) say(format string, args ...any) string {
	if zh, ok := chinese[format]; ok && j.q.Chinese {
		format = zh
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// chinese has every text of say.
var chinese = map[string]string{
	"%s min to the job":                            "距离 %s 分钟路程",
	"adds %s min of travel to the tour":            "行程增加 %s 分钟",
	"can begin %s":                                 "最早 %s 开始",
	"%s min after the promised %s":                 "比承诺时间 %[2]s 晚 %[1]s 分钟",
	"%s min of overtime":                           "加班 %s 分钟",
	"preferred for this job":                       "本单优先人选",
	"has scarce skills that the job does not need": "具备本单用不上的稀缺技能",
	"booked for %s min of the shift":               "当班已预约 %s 分钟",
	"keeps %s for the %d jobs that need it: %d engineers near enough": "为需要 %s 的 %d 单预留:附近仅 %d 名工程师",

	"%d are not among the engineers asked for":                       "%d 人不在指定工程师之列",
	"%d are excluded from this job":                                  "%d 人被排除在本单之外",
	"%d do not work in %s":                                           "%d 人不负责 %s 区域",
	"%d lack %s":                                                     "%d 人不具备 %s 技能",
	"%d lack level %d of %s":                                         "%[1]d 人的 %[3]s 技能不到 %[2]d 级",
	"%d have a certificate that ends before the shift does":          "%d 人的资质在当班结束前到期",
	"%d have an expired certificate for %s":                          "%d 人的 %s 资质已过期",
	"%d do not carry %s":                                             "%d 人的车上没有 %s",
	"%d have not %d x %s in the van":                                 "%d 人的车上不足 %d 件 %s",
	"%d have promised the parts in their vans to booked visits":      "%d 人车上的备件已留给其他预约",
	"%d have no room for a load of %d in the van":                    "%d 人的车装不下 %d 的货量",
	"%d have no shift in the window":                                 "%d 人在该时段不当班",
	"%d have no gap of that length":                                  "%d 人没有足够长的空档",
	"%d are more than %d min away":                                   "%d 人距离超过 %d 分钟路程",
	"%d cannot reach the job in its window between their other jobs": "%d 人在其他预约之间无法按时到达",
	noHelp:                         "即使如此,所查看的人选也无法到场",
	"if %s were allowed: %s":       "若允许 %s 承接:%s",
	"if %s worked in %s too: %s":   "若 %s 也负责 %s 区域:%s",
	"if %s had %s at level %d: %s": "若 %s 具备 %s 技能 %d 级:%s",
	"with the certificate of %s for %s renewed: %s":                      "若 %s 的 %s 资质续期:%s",
	"with %s in the van of %s: %s":                                       "若 %[2]s 的车上有 %[1]s:%[3]s",
	"if the van of %s carried %d: %s":                                    "若 %s 的车可载 %d:%s",
	"could begin %s, %d min away":                                        "可于 %s 开始,路程 %d 分钟",
	"if level %d were enough: %s %s":                                     "若 %d 级即可:%s %s",
	"would fit if the window ended %s, with %s":                          "若时段延至 %s,%s 可以承接",
	"would fit if the window began %s, with %s":                          "若时段提前到 %s,%s 可以承接",
	"would fit if the job took %d min, with %s":                          "若用时 %d 分钟,%s 可以承接",
	"if a booked job were moved":                                         "须调整已有预约",
	"%s lives nearest, %s away: too far to go there and back in a shift": "最近的是 %s,相距 %s,当班内无法往返",
	"the nearest qualified engineer, %s, is %s from the job (%d min); would fit if that were allowed": "最近的合格工程师 %s 距离 %s(%d 分钟),若允许该路程即可承接",
	"%d min":                                 "%d 分钟",
	"%.0f km":                                "%.0f 公里",
	"%s lacks %d kinds of parts":             "%s 缺 %d 种备件",
	"with %d more x %s in the van of %s: %s": "若 %[3]s 的车上再有 %[1]d 件 %[2]s:%[4]s",
	"part %s ready at %s from %s: %s could fetch it and begin %s": "备件 %s 于 %s 在 %s 备妥:%s 可取件后于 %s 开始",
}
