$api = 'http://127.0.0.1:4000'
$headers = @{}

function Ask($query, $variables = @{}) {
  $body = @{ query = $query; variables = $variables } | ConvertTo-Json
  (Invoke-RestMethod "$api/graphql" -Method Post -ContentType 'application/json' -Headers $headers -Body $body).data
}

$session = (Ask 'mutation { signUp(input: { email: "me@example.com", password: "correct horse battery" }) { accessToken } }').signUp
if (-not $session) {
  $session = (Ask 'mutation { signIn(input: { email: "me@example.com", password: "correct horse battery" }) { accessToken } }').signIn
}
$headers.authorization = "Bearer $($session.accessToken)"
$id = (Ask 'mutation { createGeneration(input: { prompt: "a beautiful landscape", model: "stable-diffusion-1.5" }) { id } }').createGeneration.id

do {
  Start-Sleep -Milliseconds 500
  $now = (Ask 'query ($id: ID!) { generation(id: $id) { status progress { fraction } errorMessage result { images { url } } } }' @{ id = $id }).generation
  "$($now.status) $($now.progress.fraction)"
} while ($now.status -in 'PENDING', 'PROCESSING')

Invoke-WebRequest "$api$($now.result.images[0].url)" -OutFile picture.png -UseBasicParsing
