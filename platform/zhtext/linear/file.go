package linear

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// The file: magic, length of the JSON header, header, weights (int8), CRC-32 of all before. Little endian.
var magic = []byte("ZHLM2\n")

// maxFile bounds what Decode reads: 64 labels of 2^18 buckets and a header.
const maxFile = 64*Buckets + 1<<20

// ErrFormat is returned for a file that is no model of this version, or a damaged one.
var ErrFormat = errors.New("linear: not a model file of this version, or damaged")

type header struct {
	Info
	Bits      int          `json:"bits"`
	Planes    int          `json:"planes"`
	Scale     []float64    `json:"scale"`
	Bias      []float64    `json:"bias"`
	Calibrate [][2]float64 `json:"calibrate"`
}

// Encode writes the model as a file's content.
func (m *Model) Encode() ([]byte, error) {
	h, err := json.Marshal(header{Info: m.Info, Bits: Bits, Planes: m.planes, Scale: m.scale, Bias: m.bias, Calibrate: m.calibrate})
	if err != nil {
		return nil, fmt.Errorf("linear: header: %w", err)
	}
	out := append([]byte(nil), magic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(h)))
	out = append(out, h...)
	for _, w := range m.weights {
		out = append(out, byte(w))
	}
	return binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(out)), nil
}

// Read reads a model from r.
func Read(r io.Reader) (*Model, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("linear: read: %w", err)
	}
	return Decode(data)
}

// Decode reads a model from a file's content. It trusts nothing in it.
func Decode(data []byte) (*Model, error) {
	if len(data) < len(magic)+8 || len(data) > maxFile || !bytes.HasPrefix(data, magic) {
		return nil, ErrFormat
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, ErrFormat
	}
	size := int(binary.LittleEndian.Uint32(body[len(magic):]))
	rest := body[len(magic)+4:]
	if size > len(rest) {
		return nil, ErrFormat
	}
	var h header
	if err := json.Unmarshal(rest[:size], &h); err != nil {
		return nil, errors.Join(ErrFormat, err)
	}
	if err := h.check(len(rest) - size); err != nil {
		return nil, err
	}
	m := &Model{Info: h.Info, planes: h.Planes, scale: h.Scale, bias: h.Bias, calibrate: h.Calibrate,
		weights: make([]int8, len(rest)-size)}
	for i, b := range rest[size:] {
		m.weights[i] = int8(b)
	}
	return m, nil
}

func (h header) check(weights int) error {
	planes := h.Planes
	fits := len(h.Labels) >= 2 && (planes == len(h.Labels) || planes == 1 && len(h.Labels) == 2)
	if !fits || h.Bits != Bits || weights != planes*Buckets || len(h.Scale) != planes || len(h.Bias) != planes ||
		len(h.Calibrate) != planes {
		return ErrFormat
	}
	for k := range planes {
		for _, v := range []float64{h.Scale[k], h.Bias[k], h.Calibrate[k][0], h.Calibrate[k][1]} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return ErrFormat
			}
		}
	}
	return nil
}
