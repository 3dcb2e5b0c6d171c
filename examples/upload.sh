. "$(dirname "$0")/curl.sh"

SIZE=$(($(wc -c < picture.png)))
UPLOAD=$(ask '{"query":"mutation { createUpload(input: { contentType: \"image/png\", byteSize: '"$SIZE"' }) { id url } }"}')
SOURCE=$(printf '%s' "$UPLOAD" | field id)

curl -sSf -T picture.png "$API$(printf '%s' "$UPLOAD" | field url)"

ask '{"query":"mutation { createGeneration(input: { prompt: \"the same at night\", source: \"'"$SOURCE"'\" }) { id status } }"}'
