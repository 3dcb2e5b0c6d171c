. "$(dirname "$0")/curl.sh"

ID=$(ask "$CREATE" | field id)
WATCH='subscription ($id: ID!) { generationUpdated(id: $id) { status progress { fraction } } }'

curl -sSN "$API/graphql/stream" -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \
  -d '{"query":"'"$WATCH"'","variables":{"id":"'"$ID"'"}}'
