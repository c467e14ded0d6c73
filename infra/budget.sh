#!/usr/bin/env bash
# A monthly budget for the resource group: an e-mail at 80 % and at 100 %.
# usage: budget.sh RESOURCE_GROUP AMOUNT EMAIL
set -euo pipefail
group=${1:?resource group} amount=${2:?amount a month} email=${3:?e-mail address}
scope=$(az group show -n "$group" --query id -o tsv)
start=$(date -u +%Y-%m-01T00:00:00Z)
notify() { printf '{"enabled":true,"operator":"GreaterThanOrEqualTo","threshold":%s,"contactEmails":["%s"]}' "$1" "$email"; }
body=$(printf '{"properties":{"category":"Cost","amount":%s,"timeGrain":"Monthly","timePeriod":{"startDate":"%s"},"notifications":{"near":%s,"reached":%s}}}' \
    "$amount" "$start" "$(notify 80)" "$(notify 100)")
az rest --method put --uri "$scope/providers/Microsoft.Consumption/budgets/clocking?api-version=2023-11-01" --body "$body" >/dev/null
echo "budget of $amount a month for $group"
