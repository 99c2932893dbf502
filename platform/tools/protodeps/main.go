// Command protodeps writes the third-party .proto files that ours import, from the descriptors that their Go packages
// register. buf finds them without its registry, and no foreign file is committed.
//
//	protodeps DIR
package main

import (
	"log"
	"os"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/rpc/status"
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
)

// roots are the files that our own protos import; what they import in turn comes along.
var roots = []string{
	"buf/validate/validate.proto", "google/api/annotations.proto", "google/api/client.proto", "google/api/field_behavior.proto",
	"google/api/httpbody.proto", "google/api/resource.proto", "google/rpc/status.proto", "protoc-gen-openapiv2/options/annotations.proto",
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: protodeps DIR")
	}
	var files []protoreflect.FileDescriptor
	seen := map[string]bool{}
	for _, path := range roots {
		collect(path, seen, &files)
	}
	printer := protoprint.Printer{}
	if err := printer.PrintProtosToFileSystem(files, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// collect appends the file and its imports, except the well-known types that buf brings itself.
func collect(path string, seen map[string]bool, files *[]protoreflect.FileDescriptor) {
	if seen[path] || len(path) > 16 && path[:16] == "google/protobuf/" {
		return
	}
	seen[path] = true
	fd, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		log.Fatalf("%s: %v", path, err)
	}
	for i := range fd.Imports().Len() {
		collect(fd.Imports().Get(i).Path(), seen, files)
	}
	*files = append(*files, fd)
}
