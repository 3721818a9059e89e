//! `Table`: typed columns over the border. Rows are made of them in the facade, where that is cheapest.

use goldpath::table::Column;
use napi::Result;
use napi::bindgen_prelude::{Either6, Float64Array, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::errors::Failure;

/// A column of texts that repeat: `names[codes[row]]`; the code 4294967295 (`0xffffffff`) is no value.
#[napi(object)]
pub struct CodedColumn {
    pub codes: Uint32Array,
    pub names: Vec<String>,
}

type Values = Either6<Float64Array, Uint8Array, CodedColumn, Vec<Option<String>>, Vec<Vec<f64>>, Vec<Vec<String>>>;

/// A result with named columns of one length.
#[napi]
pub struct Table(pub(crate) goldpath::Table);

#[napi]
impl Table {
    /// What the table is, such as `deviations`.
    #[napi(catch_unwind, getter)]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Number of rows.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// Names of the columns in their order.
    #[napi(catch_unwind, getter)]
    pub fn column_names(&self) -> Vec<String> {
        self.0.columns().iter().map(|(name, _)| name.clone()).collect()
    }

    /// What a column holds.
    #[napi(catch_unwind, ts_return_type = "ColumnType")]
    pub fn column_type(&self, name: String) -> Result<&'static str> {
        Ok(match self.get(&name)? {
            Column::Bool(_) => "boolean",
            Column::Int(_) | Column::Float(_) => "number",
            Column::Time(_) => "time",
            Column::Text(_) => "text",
            Column::Names { .. } => "coded",
            Column::IntList(_) => "numbers",
            _ => "texts",
        })
    }

    /// The values of a column, by its type: `number` and `time` (ms since 1970 UTC) a `Float64Array`, NaN for no value;
    /// `boolean` a `Uint8Array` of 1, 0, and 2 for no value; `coded` codes and names; `text` an array with `null` for no
    /// value; `numbers` and `texts` an array of arrays.
    #[napi(catch_unwind, ts_return_type = "ColumnValues")]
    pub fn column(&self, name: String) -> Result<Values> {
        let number = |value: Option<i64>| value.map_or(f64::NAN, |n| n as f64);
        Ok(match self.get(&name)? {
            Column::Bool(v) => Either6::B(v.iter().map(|b| b.map_or(2, u8::from)).collect::<Vec<u8>>().into()),
            Column::Int(v) | Column::Time(v) => Either6::A(v.iter().copied().map(number).collect::<Vec<f64>>().into()),
            Column::Float(v) => Either6::A(v.iter().map(|x| x.unwrap_or(f64::NAN)).collect::<Vec<f64>>().into()),
            Column::Names { codes, names } => {
                Either6::C(CodedColumn { codes: codes.clone().into(), names: names.iter().map(|n| String::from(&**n)).collect() })
            }
            Column::Text(v) => Either6::D(v.iter().map(|text| text.as_deref().map(ToOwned::to_owned)).collect()),
            Column::IntList(v) => Either6::E(v.iter().map(|list| list.iter().map(|&n| n as f64).collect()).collect()),
            Column::TextList(v) => Either6::F(v.iter().map(|list| list.iter().map(|text| String::from(&**text)).collect()).collect()),
            _ => return Err(Failure::argument("name", format!("column `{name}` is of a kind this binding does not know"), "").into()),
        })
    }

    fn get(&self, name: &str) -> Result<&Column> {
        self.0.column(name).ok_or_else(|| {
            let known: Vec<&str> = self.0.columns().iter().map(|(name, _)| name.as_str()).collect();
            Failure::argument("name", format!("there is no column `{name}`"), format!("columns: {}", known.join(", "))).into()
        })
    }

    /// An HTML table of the first rows, everything escaped.
    #[napi(catch_unwind)]
    pub fn to_html(&self, rows: Option<u32>) -> String {
        self.0.to_html(rows.unwrap_or(100) as usize)
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
