package casefile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// declaredVerbs reads every constant of type Verb from the source, so that none can be forgotten here.
func declaredVerbs(t *testing.T) map[Verb]string {
	t.Helper()
	verbs := map[Verb]string{}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Verb" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				verbs[Verb(value)] = spec.Names[0].Name
			}
			return true
		})
	}
	return verbs
}

// There is one table: every verb that is declared has a rule in it, is in the walk, and is drawn in doc.go.
func TestEveryVerbIsInTheTableTheWalkAndTheDrawing(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	ruled := map[Verb]bool{}
	for _, r := range Rules {
		ruled[r.Verb] = true
	}
	verbs := declaredVerbs(t)
	require.Greater(t, len(verbs), 60)
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(string(doc), func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') }) {
		words[word] = true
	}
	for verb, name := range verbs {
		require.True(t, ruled[verb], "%s (%s) has no rule in the table", name, verb)
		require.Contains(t, walk, verb, "%s is not walked", name)
		require.True(t, words[string(verb)], "%s (%s) is not drawn in doc.go", name, verb)
	}
	for verb := range walk {
		require.Contains(t, verbs, verb, "the walk has a verb that is not declared")
	}
	for verb := range ruled {
		require.Contains(t, verbs, verb, "the table has a verb that is not declared")
	}
}
