//! One pool, compiled for judging.

use std::sync::{Arc, OnceLock};

use ashlar_types::Pool;
use serde_json::{Map, Value};

use crate::capability;
use crate::expression::Expression;
use crate::figures::Figures;
use crate::functions::Fixed;
use crate::reason::Trouble;

/// A pool with what can be worked out before there is a request.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The pool. Change its figures only by way of the picture, which keeps the rest true.
    pub pool: Pool,
    /// Its capacity in numbers; what is wrong, when its report cannot even be taken in.
    pub figures: Result<Figures, Trouble>,
    /// What its report brings, compiled.
    pub(crate) compiled: Arc<Compiled>,
    /// Number of its backend in the picture.
    pub(crate) backend: usize,
}

/// What a report brings that costs something to prepare. Shared by all pictures with the same report.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// `filter_function`, if it has one.
    pub(crate) filter_function: Option<Function>,
    /// `goodness_function`, if it has one.
    pub(crate) goodness_function: Option<Function>,
    /// All spellings of its storage protocol, or all that it reports, when there are several.
    pub(crate) protocols: Vec<Value>,
    /// The report with all spellings of its protocol in place of the one; made when a query wants it.
    spelt_out: OnceLock<Map<String, Value>>,
    /// What it reports as free, found once for the functions, which ask for it often.
    pub(crate) free: Option<Value>,
}

/// A function that a backend reports.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its text.
    pub(crate) text: String,
    /// Compiled; the complaint, when it is none.
    pub(crate) expression: Result<Expression, String>,
    /// It asks for the storage protocol, so it is evaluated for every spelling.
    pub(crate) uses_protocol: bool,
}

impl Candidate {
    pub(crate) fn new(pool: Pool, backend: usize, default_ratio: Option<f64>) -> Self {
        let compiled = Arc::new(Compiled::new(&pool));
        let figures = Figures::new(&pool, default_ratio);
        Self { pool, figures, compiled, backend }
    }

    /// Works the numbers out anew, after the pool's figures changed.
    pub(crate) fn refresh(&mut self, default_ratio: Option<f64>) {
        self.figures = Figures::new(&self.pool, default_ratio);
    }

    /// The report as Cinder's scheduler keeps it: where the storage protocol has several spellings, with their list.
    pub(crate) fn capabilities(&self) -> &Map<String, Value> {
        let reported = &self.pool.stats.0;
        if self.compiled.protocols.is_empty() {
            return reported;
        }
        self.compiled.spelt_out.get_or_init(|| {
            let mut capabilities = reported.clone();
            let protocols = Value::Array(self.compiled.protocols.clone());
            capabilities.insert("storage_protocol".to_owned(), protocols);
            capabilities
        })
    }
}

impl Compiled {
    fn new(pool: &Pool) -> Self {
        let function = |key: &str| Function::new(pool.stats.get(key)?, pool);
        Self {
            filter_function: function("filter_function"),
            goodness_function: function("goodness_function"),
            protocols: match pool.stats.get("storage_protocol") {
                Some(Value::String(one)) => {
                    capability::spellings(one).iter().copied().map(Value::from).collect()
                }
                Some(Value::Array(several)) => several.clone(),
                _ => Vec::new(),
            },
            spelt_out: OnceLock::new(),
            free: pool.stats.get("free_capacity_gb").cloned(),
        }
    }
}

impl Function {
    /// `None` for null. Anything else is taken as text, as Cinder does.
    fn new(value: &Value, pool: &Pool) -> Option<Self> {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            other => other.to_string(),
        };
        let expression = Expression::parse(&text).map_err(|error| error.to_string());
        let expression = expression.map(|expression| expression.bound(&Fixed(pool)));
        let uses_protocol = text.contains("storage_protocol");
        Some(Self { text, expression, uses_protocol })
    }
}
