// Command path-expressions prints a gzipped JSON table of 5,000 random expressions and of documented ones, with the results
// of Go's regexp, which cloudflared uses for the paths of its rules. The tests of the sandbox read it.
//
//	go run scripts/path-expressions/main.go > test/lab/sandbox/path-expressions.json.gz
//
// The expressions follow from a fixed seed, so the same release of Go prints the same table again.
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"
)

const randomExpressions = 5000

// documented are expressions of Cloudflare's pages on tunnels, of its Terraform provider and of people who use both.
var documented = []string{
	`\.(jpg|png|css|js)$`, `.*\.(jpg|png|css|js)`, `/*.(jpg|png|css|js)`, `/api/.*`, `/bar`, `/foo`, `/*`, `*`, `.*`,
	`/static/.*\.html`, `^/static/.*\.html$`, `^/hooks/(git|actions/[a-z0-9-]+)$`, `(?i)^/admin`, `/(?i)api`, `(?i:api)`,
	`^/[[:alpha:]]+$`, `\pL`, `\p{Greek}`, `\Q.\E`, `\x{61}`, `[]a]`, `[^]a]`, `^/.$`, `^/a\s$`, `(?U)a+`, `\141`,
	`\y`, `\ca`, `a{1001}`, `(?!a)`, `(a)\1`, `\A/a\z`, `(?P<name>a)`, `(?<name>a)`, `(?P=name)`,
}

// pool contains the characters of expressions and visits: those with a meaning in a path or an expression, and those where
// engines are known to differ (line ends, spaces, case folding, characters beyond the BMP).
var pool = []rune("abcxyzABCXYZ019/-_.~ %:=&+,;@!'()*?[]{}|^$\\#<>\"`" +
	"\a\f\t\n\r\v\x00\x7f\u0085\u00a0éßÉſKΩωжД中٣²Ⅷ\u2028\u2029\ufeff😀𝒳")

// paths are visits of any host.
var paths = []string{
	"/", "/a", "/abc", "/API/v1", "/api/health", "/index.html", "/static/a.css", "/a/../b", "//a", "/:]", "/a b", "/a\n", "/\r",
	"/\u2028", "/é", "/😀", "/Δ", "/a\u00a0", "/A_1-z",
}

var atoms = []string{
	`.`, `\d`, `\D`, `\s`, `\S`, `\w`, `\W`, `\pL`, `\PL`, `\pN`, `\p{Lu}`, `\P{Lu}`, `\p{^Lu}`, `\p{Greek}`, `\P{Greek}`,
	`\p{^Greek}`, `\p{Latin}`, `\p{Cyrillic}`, `\p{Han}`, `\p{Nd}`, `\pZ`, `\pC`, `\p{Sc}`, `\a`, `\f`, `\t`, `\n`, `\r`, `\v`,
	`\141`, `\060`, `\0`, `\x61`, `\x7F`, `\x{61}`, `\x{1F600}`, `\x{0}`, `\Qa.b\E`, `\Q*\E`, `\Q+`, `\.`, `\-`, `\/`, `\_`, `\~`,
	`\\`, `\^`, `\$`, `\|`, `\(`, `\[`, `\{`, `\}`, `{`, `}`, `]`, `a{,3}`, `a{x}`, `{1`,
}

var marks = []string{`^`, `$`, `\A`, `\z`, `\b`, `\B`}

// wrong are parts that RE2 does not have, or that are mistakes.
var wrong = []string{
	`\y`, `\ca`, `\Z`, `\1`, `\8`, `\C`, `\K`, `\h`, `\R`, `\X`, `\G`, `\N`, `\u0061`, `\e`, `\x`, `\x{110000}`, `\x{6`, `\p`,
	`\p{Nope}`, `\p{`, `[[:nope:]]`, `[z-a]`, `[a`, `[]`, `[^]`, `[\d-z]`, `[a-\d]`, `(?=a)`, `(?!a)`, `(?<=a)`, `(?<!a)`, `(?>a)`,
	`(?#a)`, `(?P=n)`, `(?P<n`, `(?P<1-2>a)`, `(?z)`, `(?i`, `(?-)`, `(?i-)`, `(?--i)`, `(`, `)`, `a{1001}`, `a{2,1}`, `a**`, `a*+`, `a++`,
	`a{2}{3}`, `*`, `+`, `?`, `(*a)`, `(|*)`, `\`, `(?P<n>a)(?P<n>b)`, `(?<n>a)(?<n>b)`, `((a{100}){100}){100}`,
}

var posix = []string{
	"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit",
}

var flags = []string{"i", "m", "s", "U", "im", "is", "ims", "-i", "-s", "i-s", "s-i", "m-U", "imsU", "sm"}

// piece is a part of an expression and a text that it is meant to match.
type piece struct{ expression, sample string }

type generator struct{ *rand.Rand }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// text returns up to most characters of the pool.
func (g generator) text(most int) string {
	var made strings.Builder
	for range 1 + g.IntN(most) {
		made.WriteRune(pick(g, pool))
	}
	return made.String()
}

// sampleOf finds a character that the expression of one character matches.
func (g generator) sampleOf(expression string) string {
	compiled, err := regexp.Compile(`^(?:` + expression + `)$`)
	if err != nil {
		return "a"
	}
	start := g.IntN(len(pool))
	for at := range pool {
		if text := string(pool[(start+at)%len(pool)]); compiled.MatchString(text) {
			return text
		}
	}
	return "a"
}

func (g generator) literal() piece {
	character := string(pick(g, pool))
	return piece{regexp.QuoteMeta(character), character}
}

func (g generator) word() piece {
	word := pick(g, []string{"a", "abc", "api", "v1", "/", "/a", "/api", "/static", "X", "ß", "é", "k", "s", "-", "_"})
	return piece{word, word}
}

func (g generator) class() piece {
	var made strings.Builder
	made.WriteByte('[')
	if g.chance(35) {
		made.WriteByte('^')
	}
	if g.chance(10) {
		made.WriteByte(']')
	}
	for range 1 + g.IntN(3) {
		switch g.IntN(7) {
		case 0:
			made.WriteString("[:" + pick(g, []string{"", "^"}) + pick(g, posix) + ":]")
		case 1:
			made.WriteString(pick(g, []string{"a-z", "A-Z", "0-9", "a-f", "!-/", "é-ω", "+--", "\\x00-\\x1f", "\\x{100}-\\x{10FFFF}"}))
		case 2:
			made.WriteString(pick(g, []string{`\d`, `\D`, `\s`, `\S`, `\w`, `\W`, `\pL`, `\PL`, `\p{Greek}`, `\p{^Lu}`}))
		case 3:
			made.WriteString(pick(g, []string{`\-`, `\]`, `\^`, `\\`, `\n`, `\r`, `\x61`, `\.`, `\141`}))
		default:
			if character := pick(g, pool); !strings.ContainsRune(`[]\-^`, character) {
				made.WriteRune(character)
			} else {
				made.WriteByte('.')
			}
		}
	}
	if g.chance(15) {
		made.WriteByte('-')
	}
	made.WriteByte(']')
	return piece{made.String(), g.sampleOf(made.String())}
}

func (g generator) atom() piece {
	switch g.IntN(10) {
	case 0, 1, 2:
		return g.word()
	case 3, 4:
		return g.literal()
	case 5, 6:
		return g.class()
	default:
		atom := pick(g, atoms)
		switch atom {
		case `\Qa.b\E`:
			return piece{atom, "a.b"}
		case `a{,3}`, `a{x}`, `{1`:
			return piece{atom, atom}
		case `\Q+`:
			return piece{`\Q+\E`, "+"}
		}
		return piece{atom, g.sampleOf(atom)}
	}
}

func (g generator) node(depth int) piece {
	if depth == 0 {
		return g.atom()
	}
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		left, right := g.node(depth-1), g.node(depth-1)
		return piece{left.expression + right.expression, left.sample + right.sample}
	case 4:
		left, right := g.node(depth-1), g.node(depth-1)
		return piece{`(?:` + left.expression + `|` + right.expression + `)`, pick(g, []string{left.sample, right.sample})}
	case 5:
		inner := g.node(depth - 1)
		open := pick(g, []string{`(`, `(?:`, fmt.Sprintf(`(?P<n%d>`, g.IntN(1000)), fmt.Sprintf(`(?<n%d>`, g.IntN(1000))})
		return piece{open + inner.expression + `)`, inner.sample}
	case 6:
		inner := g.node(depth - 1)
		return piece{`(?` + pick(g, flags) + `:` + inner.expression + `)`, inner.sample}
	case 7:
		inner := g.node(depth - 1)
		return piece{`(?` + pick(g, flags) + `)` + inner.expression, inner.sample}
	case 8, 9:
		inner := g.node(depth - 1)
		operator := pick(g, []string{`*`, `+`, `?`, `*?`, `+?`, `??`, `{2}`, `{1,3}`, `{0,}`, `{2,}?`, `{0}`})
		times := map[byte]int{'*': g.IntN(3), '+': 1 + g.IntN(2), '?': g.IntN(2), '{': 2}[operator[0]]
		if operator == `{0}` {
			times = 0
		}
		return piece{`(?:` + inner.expression + `)` + operator, strings.Repeat(inner.sample, times)}
	case 10:
		inner := g.node(depth - 1)
		if g.chance(50) {
			return piece{pick(g, marks) + inner.expression, inner.sample}
		}
		return piece{inner.expression + pick(g, marks), inner.sample}
	default:
		return g.atom()
	}
}

func (g generator) expression() piece {
	made := g.node(1 + g.IntN(4))
	if g.chance(35) {
		made = piece{`^/` + made.expression, "/" + made.sample}
	}
	if g.chance(20) {
		made = piece{made.expression + `$`, made.sample}
	}
	if g.chance(10) {
		made = piece{made.expression + `|` + g.node(1).expression, made.sample}
	}
	if g.chance(12) {
		made = piece{made.expression + pick(g, wrong), made.sample}
	}
	return made
}

func swappedCase(text string) string {
	return strings.Map(func(character rune) rune {
		if unicode.IsUpper(character) {
			return unicode.ToLower(character)
		}
		return unicode.ToUpper(character)
	}, text)
}

// visits returns texts near the one that the expression is meant to match, and others.
func (g generator) visits(sample string) []string {
	characters := []rune(sample)
	texts := []string{sample, "/" + sample, swappedCase(sample), pick(g, paths), g.text(3)}
	if len(characters) > 0 {
		at := g.IntN(len(characters))
		changed := slices.Clone(characters)
		changed[at] = pick(g, pool)
		texts = append(texts, string(changed), string(slices.Delete(slices.Clone(characters), at, at+1)))
	}
	if g.chance(30) {
		texts = append(texts, sample+"\n")
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// row is an expression with visits and whether each matches ("1") or does not ("0"); an invalid one is alone.
func row(g generator, each piece) []any {
	compiled, err := regexp.Compile(each.expression)
	if err != nil {
		return []any{each.expression}
	}
	visits := g.visits(each.sample)
	verdicts := ""
	for _, visit := range visits {
		verdicts += map[bool]string{true: "1", false: "0"}[compiled.MatchString(visit)]
	}
	return []any{each.expression, verdicts, visits}
}

func main() {
	g := generator{rand.New(rand.NewPCG(12, 2026))}
	rows := [][]any{}
	for _, expression := range documented {
		each := row(g, piece{expression, "/api/a.css"})
		if len(each) > 1 {
			compiled := regexp.MustCompile(expression)
			verdicts := ""
			for _, path := range paths {
				verdicts += map[bool]string{true: "1", false: "0"}[compiled.MatchString(path)]
			}
			each = []any{expression, verdicts, paths}
		}
		rows = append(rows, each)
	}
	known := map[string]bool{}
	for len(rows) < len(documented)+randomExpressions {
		each := g.expression()
		if len(each.expression) > 120 || known[each.expression] {
			continue
		}
		known[each.expression] = true
		rows = append(rows, row(g, each))
	}
	packed := gzip.NewWriter(os.Stdout)
	encoder := json.NewEncoder(packed)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"go": runtime.Version(), "documented": len(documented), "rows": rows}); err != nil {
		log.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		log.Fatal(err)
	}
}
