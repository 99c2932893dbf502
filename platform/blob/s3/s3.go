// Package s3 lets blob.Open take s3:// URLs, for S3 and what speaks its protocol
// (MinIO, OSS, COS), as gocloud.dev describes them:
//
//	s3://bucket?region=cn-north-1
//	s3://bucket?endpoint=https://minio.example:9000&use_path_style=true&region=x
//
// It is apart from blob so that only programs that import it carry the AWS
// library. Credentials come from the environment, as that library reads them.
package s3

import _ "gocloud.dev/blob/s3blob" // registers s3://
