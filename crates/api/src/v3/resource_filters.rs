//! `GET /resource_filters`: which filters members may use in which lists. It is the very table that lists look at.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("resource_filters.list", "/resource_filters", run!(list)).since(33)];

/// All resources with their filters, or the one that `resource` names; an unknown one has none.
async fn list(request: &Request) -> Outcome {
    let wanted = request.query.get("resource").filter(|name| !name.is_empty());
    let all = request.app.settings.resource_filters.resources().iter();
    let shown: Vec<Value> = all
        .filter(|(resource, _)| wanted.is_none_or(|wanted| wanted == resource.as_str()))
        .map(|(resource, filters)| json!({ "resource": resource, "filters": filters }))
        .collect();
    Ok(Answer::ok(&json!({ "resource_filters": shown })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::House;

    const MEMBER: (&str, u16) = ("me:abc:member", 71);

    #[tokio::test]
    async fn anybody_reads_the_table_that_lists_look_at() {
        let house = House::furnished().await;
        let all = house.get(MEMBER, "/v3/resource_filters").await.body;
        let named: Vec<_> = all["resource_filters"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| &it["resource"])
            .collect();
        assert_eq!(named.len(), house.app.settings.resource_filters.resources().len());
        let one = house.get(("me:abc:", 33), "/v3/resource_filters?resource=group_snapshot").await;
        let filters = ["name", "status", "group_id"];
        let wanted = json!([{ "resource": "group_snapshot", "filters": filters }]);
        assert_eq!(one.body["resource_filters"], wanted);
        let none = house.get(MEMBER, "/v3/resource_filters?resource=colour").await;
        assert_eq!((none.status, none.body), (200, json!({ "resource_filters": [] })));
        assert_eq!(house.get(("me:abc:member", 32), "/v3/resource_filters").await.status, 404);
    }
}
