package extract

// digitValue gives the value of Chinese digits.
var digitValue = map[rune]int64{
	'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '俩': 2, '三': 3, '仨': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9,
}

// unitValue gives the value of Chinese units.
var unitValue = map[rune]int64{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000, '万': 10000, 'k': 1000, 'w': 10000}

// maxNumber bounds amounts: one hundred thousand million, far over any claim.
const maxNumber = 100_000_000_000

// number reads a number at runes[i:] in hundredths: 1200, 1,200.50, 1.2万, 三百五十, 两千三, 1千2. It returns the
// position behind it, which is i when there is none.
func number(runes []rune, i int) (hundredths int64, end int) {
	if i < len(runes) && isDigit(runes[i]) {
		return arabic(runes, i)
	}
	value, end := chinese(runes, i)
	return value * 100, end
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// arabic reads digits with thousands separators, up to two decimals and a unit.
func arabic(runes []rune, i int) (int64, int) {
	var value int64
	for ; i < len(runes) && value < maxNumber; i++ {
		if runes[i] == ',' && i+3 < len(runes) && isDigit(runes[i+1]) && isDigit(runes[i+2]) && isDigit(runes[i+3]) {
			continue
		}
		if !isDigit(runes[i]) {
			break
		}
		value = value*10 + int64(runes[i]-'0')
	}
	value *= 100
	if i+1 < len(runes) && runes[i] == '.' && isDigit(runes[i+1]) {
		factor := int64(10)
		for i++; i < len(runes) && isDigit(runes[i]); i++ {
			value += int64(runes[i]-'0') * factor
			factor /= 10
		}
	}
	if i < len(runes) {
		if u := unitValue[runes[i]]; u > 10 && value < maxNumber {
			return scaled(runes, i+1, value, u)
		}
	}
	return value, i
}

// scaled multiplies by a unit and takes up what colloquially follows: 1千2 is 1200, 3万5 is 35000.
func scaled(runes []rune, i int, value, unit int64) (int64, int) {
	value *= unit
	if i >= len(runes) {
		return value, i
	}
	if isDigit(runes[i]) && (i+1 >= len(runes) || !isDigit(runes[i+1])) {
		return value + int64(runes[i]-'0')*unit*10, i + 1
	}
	if d, ok := digitValue[runes[i]]; ok {
		return value + d*unit*10, i + 1
	}
	return value, i
}

// chinese reads a number in Chinese characters.
func chinese(runes []rune, i int) (value int64, end int) {
	var total, section, digit, lastUnit int64
	start := i
	for ; i < len(runes) && total < maxNumber && section < maxNumber; i++ {
		if d, ok := digitValue[runes[i]]; ok {
			digit = d
			if d == 0 {
				lastUnit = 10
			}
			continue
		}
		u, ok := unitValue[runes[i]]
		if !ok || runes[i] < 0x80 {
			break
		}
		if u == 10000 {
			total += (section + digit) * u
			section = 0
		} else {
			if digit == 0 && u == 10 && section == 0 {
				digit = 1
			}
			section += digit * u
		}
		digit, lastUnit = 0, u
	}
	if digit > 0 && lastUnit > 10 { // 两千三 is 2300
		digit *= lastUnit / 10
	}
	if i == start {
		return 0, i
	}
	return total + section + digit, i
}
