package grpcx

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// shallow hands messages over in process: caller and server get messages of their own whose parts are shared. A message that
// was handed over is read-only on both sides, as one that came off a wire is to its sender; a deep copy of every request and
// answer cost a tenth of a call.
type shallow struct{}

// Copy implements inprocgrpc.Cloner.
func (shallow) Copy(out, in any) error {
	to, okTo := out.(proto.Message)
	from, okFrom := in.(proto.Message)
	if !okTo || !okFrom {
		return fmt.Errorf("grpcx: %T and %T are no messages", out, in)
	}
	target, source := to.ProtoReflect(), from.ProtoReflect()
	if target.Descriptor() != source.Descriptor() {
		return fmt.Errorf("grpcx: %s handed over for %s", source.Descriptor().FullName(), target.Descriptor().FullName())
	}
	proto.Reset(to)
	source.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		target.Set(field, value)
		return true
	})
	target.SetUnknown(source.GetUnknown())
	return nil
}

// Clone implements inprocgrpc.Cloner.
func (s shallow) Clone(in any) (any, error) {
	from, ok := in.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("grpcx: %T is no message", in)
	}
	out := from.ProtoReflect().New().Interface()
	return out, s.Copy(out, in)
}
