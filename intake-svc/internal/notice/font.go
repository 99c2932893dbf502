package notice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

var errFont = errors.New("notice: not a TrueType font or collection")

const (
	headerSize = 12
	recordSize = 16
)

// firstFont answers a font file by itself: of a collection (TTC) its first font, cut out with its tables; a font as it is. The PDF writer
// takes no collections.
func firstFont(file []byte) ([]byte, error) {
	if len(file) < headerSize {
		return nil, errFont
	}
	if string(file[:4]) != "ttcf" {
		return file, nil
	}
	if len(file) < headerSize+4 {
		return nil, errFont
	}
	return cut(file, int(binary.BigEndian.Uint32(file[headerSize:])))
}

// cut copies the font whose table directory is at an offset: the directory with new offsets, then the tables, each aligned to four bytes.
func cut(file []byte, offset int) ([]byte, error) {
	if offset < 0 || offset+headerSize > len(file) {
		return nil, errFont
	}
	tables := int(binary.BigEndian.Uint16(file[offset+4:]))
	size := headerSize + tables*recordSize
	if offset+size > len(file) {
		return nil, errFont
	}
	font := slices.Clone(file[offset : offset+size])
	for n := range tables {
		record := font[headerSize+n*recordSize:]
		from, length := int(binary.BigEndian.Uint32(record[8:])), int(binary.BigEndian.Uint32(record[12:]))
		if from+length > len(file) {
			return nil, fmt.Errorf("%w: table %q lies outside", errFont, record[:4])
		}
		binary.BigEndian.PutUint32(record[8:], uint32(len(font)))
		font = append(font, file[from:from+length]...)
		font = append(font, make([]byte, (4-len(font)%4)%4)...)
	}
	return font, nil
}
