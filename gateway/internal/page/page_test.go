package page

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPageInBothLanguages(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"": "售后服务套件", "zh-TW": "售后服务套件", "en-GB,en": "Where to begin", "de": "Where to begin"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), want, language)
		require.Contains(t, w.Body.String(), "/openapi.json")
		require.NotContains(t, w.Body.String(), "<script")
	}
}
