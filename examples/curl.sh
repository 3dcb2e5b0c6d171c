API=http://127.0.0.1:4000
TOKEN=

ask() { curl -sS "$API/graphql" -H 'content-type: application/json' -H "authorization: ${TOKEN:+Bearer $TOKEN}" -d "$1"; }
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

SIGN_UP='{"query":"mutation { signUp(input: { email: \"me@example.com\", password: \"correct horse battery\" }) { accessToken } }"}'
SIGN_IN='{"query":"mutation { signIn(input: { email: \"me@example.com\", password: \"correct horse battery\" }) { accessToken } }"}'
CREATE='{"query":"mutation { createGeneration(input: { prompt: \"a beautiful landscape\", model: \"stable-diffusion-1.5\" }) { id } }"}'
LOOK='query ($id: ID!) { generation(id: $id) { status progress { fraction } errorMessage result { images { url } } } }'

TOKEN=$(ask "$SIGN_UP" | field accessToken)
TOKEN=${TOKEN:-$(ask "$SIGN_IN" | field accessToken)}
ID=$(ask "$CREATE" | field id)

while sleep 0.5; do
  ANSWER=$(ask '{"query":"'"$LOOK"'","variables":{"id":"'"$ID"'"}}')
  printf '%s\n' "$ANSWER"
  case $ANSWER in *'"PENDING"'* | *'"PROCESSING"'*) ;; *) break ;; esac
done

curl -sSf -o picture.png "$API$(printf '%s' "$ANSWER" | field url)" && ls -l picture.png
