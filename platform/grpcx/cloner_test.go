package grpcx

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

func TestShallowHandsOverEqualMessages(t *testing.T) {
	t.Parallel()
	in := &eventv1.WorkOrderChanged{Case: "cases/1", OpenWorkOrders: 2, Step: &commonv1.Step{Event: "X", Facts: map[string]string{"a": "b"}}}
	in.ProtoReflect().SetUnknown([]byte{0xf8, 0x7f, 0x01})
	out := &eventv1.WorkOrderChanged{WorkOrder: "left from before"}
	require.NoError(t, shallow{}.Copy(out, in))
	require.True(t, proto.Equal(in, out))
	out.Case = "cases/2"
	require.Equal(t, "cases/1", in.GetCase(), "the message itself is the receiver's own")
	clone, err := shallow{}.Clone(in)
	require.NoError(t, err)
	require.True(t, proto.Equal(in, clone.(proto.Message)))
}

func TestShallowRefusesWhatIsNoMessageOrAnother(t *testing.T) {
	t.Parallel()
	require.Error(t, shallow{}.Copy(&commonv1.Step{}, &commonv1.Money{}))
	require.Error(t, shallow{}.Copy(&commonv1.Step{}, 1))
	_, err := shallow{}.Clone(1)
	require.Error(t, err)
}
